@echo off
rem What database, media, logs and backups take up.
"%~dp0haang.bat" storage %*
