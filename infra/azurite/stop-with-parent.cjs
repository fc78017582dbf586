// Preloaded into Azurite (node --require): the emulator lives exactly as long as the pipe on its standard input.
// Whoever started it stops it by closing the pipe; and when that process dies in any way, SIGKILL included, the
// kernel closes the pipe for it, so that no emulator is ever left behind.
'use strict';

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`Node.js ${process.versions.node} is too old: Azurite needs Node.js 20 or newer.`);
  process.exit(1);
}

// Ctrl-C reaches every process of a terminal, but the app still needs its storage while it finishes what it is doing.
for (const signal of ['SIGINT', 'SIGQUIT', 'SIGHUP']) process.on(signal, () => {});
const once = process.once;
process.once = (event, listener) => (event === 'SIGINT' ? process : once.call(process, event, listener));

// With the parent gone nobody reads the output, and a failed write must not stop the emulator before it has saved its data.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

process.stdin.on('end', stop).on('error', stop).resume();
process.stdin.unref();

function stop() {
  // Azurite's own handler for SIGTERM closes its servers and saves; before it is there, nothing needs saving.
  if (!process.emit('SIGTERM')) process.exit(0);
  setTimeout(() => process.exit(1), 8000).unref();
}
