#!/usr/bin/env node
/**
 * The command as it is installed: loads the rest of the program from the files beside it, with the compiled code that
 * the build kept for them, so that starting takes no compiling. Knows files; knows nothing of what is in them.
 *
 * Code that another version of Node has compiled is refused by V8 and compiled anew: slower by a few hundredths of a
 * second, and nothing else.
 */
'use strict';
const { readFileSync } = require('node:fs');
const { Module } = require('node:module');
const { Script } = require('node:vm');

const CACHE = 'code-cache.bin';

/** Files with a real `import()` in them, for configurations that are programs: Node allows it to what it compiles itself. */
const IMPORTING = /^(?:modules|jiti-static)-/;

/**
 * The cache: the length of an index (4 bytes), the index (JSON: file name to start and end, counted from behind it),
 * and the compiled code. An empty one where there is none.
 */
function readCache() {
  try {
    const bytes = readFileSync(`${__dirname}/${CACHE}`);
    const body = 4 + bytes.readUInt32LE(0);
    const index = JSON.parse(bytes.toString('utf8', 4, body));
    return (name) =>
      Object.hasOwn(index, name) ? bytes.subarray(body + index[name][0], body + index[name][1]) : undefined;
  } catch {
    return () => undefined;
  }
}

/** @returns a `require` for the files of this folder, and their scripts by name as far as they are loaded. */
function createLoader(cachedData) {
  const scripts = new Map();
  const modules = new Map();

  function load(name) {
    let module = modules.get(name);
    if (module !== undefined) return module.exports;
    module = { exports: {} };
    modules.set(name, module);
    const filename = `${__dirname}/${name}`;
    if (IMPORTING.test(name)) {
      const own = new Module(filename, require.main);
      own.filename = filename;
      own.require = requireFrom;
      modules.set(name, own);
      own._compile(readFileSync(filename, 'utf8'), filename);
      return own.exports;
    }
    let script = scripts.get(name);
    if (script === undefined) {
      const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(filename, 'utf8')}\n})`;
      script = new Script(source, { filename, cachedData: cachedData(name) });
      scripts.set(name, script);
    }
    script.runInThisContext().call(module.exports, module.exports, requireFrom, module, filename, __dirname);
    return module.exports;
  }

  function requireFrom(id) {
    return id.startsWith('./') ? load(id.slice(2)) : require(id);
  }

  return { load, scripts, forget: () => modules.clear() };
}

if (require.main === module) createLoader(readCache()).load('command.cjs');
else module.exports = { createLoader, CACHE };
