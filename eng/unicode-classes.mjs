// Writes the character classes that regular expressions know by name, and the groups of characters equal under simple case folding.
// Unicode 15.0, as in the Go releases that Prometheus and Thanos are built with:
//   npm install @unicode/unicode-15.0.0 && node eng/unicode-classes.mjs > src/Aion.Model/Matchers/Re2/UnicodeClasses.txt
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const root = path.resolve('node_modules/@unicode/unicode-15.0.0');
const load = async file => (await import(pathToFileURL(path.join(root, file)))).default;
const categories = {
  C: 'Other', Cc: 'Control', Cf: 'Format', Cn: 'Unassigned', Co: 'Private_Use', Cs: 'Surrogate',
  L: 'Letter', LC: 'Cased_Letter', Ll: 'Lowercase_Letter', Lm: 'Modifier_Letter', Lo: 'Other_Letter', Lt: 'Titlecase_Letter', Lu: 'Uppercase_Letter',
  M: 'Mark', Mc: 'Spacing_Mark', Me: 'Enclosing_Mark', Mn: 'Nonspacing_Mark',
  N: 'Number', Nd: 'Decimal_Number', Nl: 'Letter_Number', No: 'Other_Number',
  P: 'Punctuation', Pc: 'Connector_Punctuation', Pd: 'Dash_Punctuation', Pe: 'Close_Punctuation', Pf: 'Final_Punctuation',
  Pi: 'Initial_Punctuation', Po: 'Other_Punctuation', Ps: 'Open_Punctuation',
  S: 'Symbol', Sc: 'Currency_Symbol', Sk: 'Modifier_Symbol', Sm: 'Math_Symbol', So: 'Other_Symbol',
  Z: 'Separator', Zl: 'Line_Separator', Zp: 'Paragraph_Separator', Zs: 'Space_Separator',
};

const hex = cp => cp.toString(16);

async function ranges(property) {
  const points = await load(`${property}/code-points.mjs`);
  const found = [];
  for (let i = 0, start = 0; i < points.length; i++) {
    if (points[i + 1] === points[i] + 1) continue;
    found.push(start === i ? hex(points[i]) : `${hex(points[start])}-${hex(points[i])}`);
    start = i + 1;
  }
  return found.join(' ');
}

async function foldGroups() {
  const groups = new Map();
  for (const status of ['C', 'S']) {
    for (const [cp, folded] of await load(`Case_Folding/${status}/code-points.mjs`)) {
      if (!groups.has(folded)) groups.set(folded, new Set([folded]));
      groups.get(folded).add(cp);
    }
  }
  const sorted = [...groups.values()].map(g => [...g].sort((a, b) => a - b)).sort((a, b) => a[0] - b[0]);
  return sorted.map(g => g.map(hex).join(',')).join(' ');
}

console.log('# Unicode 15.0; written by eng/unicode-classes.mjs. Name, then ranges of code points in hexadecimal.');
for (const [name, property] of Object.entries(categories)) console.log(`${name} ${await ranges(`General_Category/${property}`)}`);
for (const script of fs.readdirSync(path.join(root, 'Script')).filter(name => /^[A-Z]/.test(name) && name !== 'Unknown').sort()) console.log(`${script} ${await ranges(`Script/${script}`)}`);
console.log('# Groups of characters that are equal under simple case folding.');
console.log(`fold ${await foldGroups()}`);
