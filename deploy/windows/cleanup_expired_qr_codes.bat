@echo off
rem Removes QR pictures over a week old; --dry-run only says which.
"%~dp0haang.bat" cleanup-qr %*
