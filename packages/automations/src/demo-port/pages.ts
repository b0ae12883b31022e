import type { Answer } from './answers.ts';

function layout(title: string, body: string): string {
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${title}</title><style>
body { font: 14px Tahoma, Arial, sans-serif; margin: 0; background: #f3f6ee; color: #222 }
header { background: #1d5c3a; color: #fff; padding: 10px 20px } header b { font-size: 18px }
.demo { background: #fff3c4; border-bottom: 1px solid #d9b84a; padding: 6px 20px }
main { padding: 20px; max-width: 760px } table { border-collapse: collapse; width: 100% }
td { border: 1px solid #c5d3bd; padding: 4px 8px; background: #fff } td:first-child { width: 34%; background: #e5eedd }
td:nth-child(2) { width: 12px; text-align: center } input { padding: 4px } em { color: #b00; font-style: normal }
</style></head><body>
<header><b>Demo Port</b><br>Container information service</header>
<div class="demo">This is Gantry's demo port: invented answers, for trying things out. It is not the port's own site.</div>
<main>${body}</main></body></html>`;
}

/** The search form: its answer opens in a new tab. */
export function formPage(action: string): string {
  return layout(
    'Search container location',
    `<h3>Search Container Location</h3>
<form method="POST" action="${action}" target="_blank">
<label for="containerLocation">Container No <em>*</em></label>
<input type="text" name="containerLocation" id="containerLocation" placeholder="Container No">
<button type="submit">Search</button></form>`,
  );
}

/** The answer: rows of label, colon and value. */
export function answerPage(answer: Answer): string {
  if (!answer.found)
    return layout('Container location', '<h3>Container Location</h3><p>Wrong container no or not found</p>');
  const rows = answer.rows
    .map(([label, value]) => `<tr><td>${label}</td><td>:</td><td>${value}</td></tr>`)
    .join('\n');
  return layout('Container location', `<h3>Container Location</h3><table>${rows}</table>`);
}

/** What the site shows while it is being worked on, with status 200. */
export function maintenancePage(): string {
  return layout(
    'Maintenance',
    '<h3>Site under maintenance</h3><p>We are sorry for the inconvenience. Please try again later.</p>',
  );
}

/** The answer after a redesign that no automation knows. */
export function redesignedPage(): string {
  return layout(
    'Container location',
    '<section><dl><dt>Where is it?</dt><dd>Somewhere new</dd></dl></section>',
  );
}
