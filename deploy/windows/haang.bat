@echo off
rem What the other files share: runs one command of the shop by the Python there is and ends with its exit code.
setlocal DisableDelayedExpansion
set "PYTHONUTF8=1"
set "DONE=1"
cd /d "%~dp0..\.."
if not exist run.py goto ended
if not exist ".venv\Scripts\python.exe" goto first
".venv\Scripts\python.exe" -c "" >nul 2>nul
if errorlevel 1 goto first
".venv\Scripts\python.exe" run.py %*
set "DONE=%ERRORLEVEL%"
goto ended

:first
rem No .venv yet, or one whose Python is gone: run.py makes it, by any Python 3 of this machine.
py -3 -c "" >nul 2>nul
if errorlevel 1 goto other
py -3 run.py %*
set "DONE=%ERRORLEVEL%"
goto ended

:other
call python -c "" >nul 2>nul
if errorlevel 1 goto none
call python run.py %*
set "DONE=%ERRORLEVEL%"
goto ended

:none
echo Python is not there. Install 3.11 or newer from python.org with "Add python.exe to PATH", then run this again.

:ended
rem A window opened by a double click would be gone before it is read. Any key goes on; without a keyboard it goes on at once.
if not "%DONE%"=="0" timeout /t 60 2>nul
exit /b %DONE%
