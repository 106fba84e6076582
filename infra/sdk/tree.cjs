// Prints the commands that a published mx registers: node tree.cjs <its folder>

const { createRequire } = require('node:module');

const from = createRequire(`${process.argv[2]}/package.json`);
const { Command } = from('commander');

// Asked to parse its arguments, the program is complete.
Command.prototype.parse = function () {
  const leaves = (command, path) => command.commands.length === 0 ? [path.join(' ')] :
    command.commands.flatMap((c) => leaves(c, [...path, c.name()]));
  process.stdout.write(JSON.stringify(leaves(this, [])), () => process.exit(0));
};
from('./dist/index.js');
