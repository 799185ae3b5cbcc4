@echo off
rem Writes a verified backup into backups\.
"%~dp0haang.bat" backup %*
