@echo off
rem Opens the shop; Ctrl-C closes it. docs\deploy\windows.md says how it starts with Windows.
"%~dp0haang.bat" serve %*
