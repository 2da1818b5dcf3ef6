'use strict';
/** Loaded before a measured program (`node -r`): says at its end what it took, as one line on standard error. */
process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const line = JSON.stringify({ rssKilobytes: maxRSS, cpuMicroseconds: userCPUTime + systemCPUTime });
  require('node:fs').writeSync(2, `\nbench-probe ${line}\n`);
});
