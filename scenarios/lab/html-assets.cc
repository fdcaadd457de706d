// SPDX-License-Identifier: GPL-2.0-only
#include "scenarios/lab/html-assets.h"

#include <fmt/format.h>

#include "scenarios/lab/html-plot.h"

namespace crsp::lab {
namespace {

constexpr const char* kLight =
    "--back:#fff;--face:#f6f7f9;--line:#d9dee5;--link:#0056b3;--good:#0a6b3d;--bad:#b3001b;"
    "--warn:#7a5c00;";
constexpr const char* kDark =
    "--back:#12161c;--face:#1a2029;--line:#333c49;--link:#7cc0ff;--good:#4fd68f;--bad:#ff8a8f;"
    "--warn:#e0be3c;";

constexpr const char* kStyle = R"css(
*{box-sizing:border-box}
html{scroll-padding-top:3.5rem}
body{margin:0;background:var(--back);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:1rem;background:var(--back);padding:.5rem;z-index:3}
header{position:sticky;top:0;z-index:2;background:var(--back);border-bottom:1px solid var(--line)}
header>div{display:flex;gap:1rem;align-items:center;max-width:84rem;margin:auto;padding:.5rem 1rem}
header strong{white-space:nowrap}
nav{flex:1;display:flex;gap:1rem;overflow-x:auto;white-space:nowrap}
button{font:inherit;color:inherit;background:var(--face);border:1px solid var(--line);
border-radius:6px;padding:.2rem .7rem;cursor:pointer}
main{max-width:84rem;margin:auto;padding:0 1rem 4rem}
h1{font-size:1.6rem;margin:1.5rem 0 .5rem}
h2{font-size:1.25rem;margin:2.5rem 0 .5rem}
h3{font-size:1.02rem;margin:1.6rem 0 .4rem}
.headline{font-size:1.3rem;font-weight:650;margin:.3rem 0}
.good{color:var(--good)}.bad{color:var(--bad)}.note{color:var(--warn)}.muted{color:var(--soft)}
.verdict{background:var(--face);border:1px solid var(--line);border-radius:10px;
padding:.6rem 1.2rem;margin:1rem 0}
.scroll{overflow:auto;max-height:60rem;margin:.6rem 0 1.2rem;border:1px solid var(--line);
border-radius:8px}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
caption{text-align:left;padding:.4rem .7rem;color:var(--soft);font-size:13px}
th,td{padding:.28rem .7rem;text-align:left;vertical-align:top;border-top:1px solid var(--line);
font-weight:400}
thead th{position:sticky;top:0;background:var(--face);font-weight:600;white-space:nowrap}
tbody th{font-weight:600}
td.n,th.n{text-align:right;white-space:nowrap}
code{font:12.5px ui-monospace,monospace;overflow-wrap:anywhere}
.cell summary{cursor:pointer;white-space:nowrap;font-weight:600}
.cell ul{margin:.3rem 0;padding:0;list-style:none}
.cell li{margin:.2rem 0;max-width:26rem}
.cell li:target{outline:2px solid var(--link)}
.cell a{white-space:nowrap;margin-right:.3rem}
.scenario{border-top:1px solid var(--line);margin-top:1.2rem}
.scenario>summary{cursor:pointer;font-size:1.15rem;font-weight:650;padding:.7rem 0}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,30rem),1fr));gap:1rem}
figure{margin:0;background:var(--face);border:1px solid var(--line);border-radius:8px;
padding:.5rem .6rem}
figcaption{font-weight:600;font-size:13.5px}
.plot{display:block;width:100%;height:auto}
.nodes{display:block;max-width:100%;height:auto;margin:.6rem 0}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;padding:0;margin:.5rem 0;
font-size:13.5px}
.legend svg{width:28px;height:8px;margin-right:.4rem}
.tip{position:fixed;z-index:4;pointer-events:none;background:var(--back);color:var(--ink);
border:1px solid var(--soft);border-radius:6px;padding:.3rem .6rem;font-size:12.5px;
white-space:pre;font-variant-numeric:tabular-nums}
.cursor{stroke:var(--ink)}
@media print{header,button{display:none}.scroll{max-height:none;overflow:visible}
.plots{display:block}figure{break-inside:avoid;margin:.5rem 0}}
)css";

constexpr std::string_view kScript = R"js('use strict';
(() => {
  const root = document.documentElement;
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const button = document.getElementById('theme');
  const isDark = () => root.dataset.theme ? root.dataset.theme === 'dark' : dark.matches;
  const name = () => { button.textContent = isDark() ? 'Light' : 'Dark'; };
  button.hidden = false;
  button.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    name();
  });
  dark.addEventListener('change', name);
  name();

  const open = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === 'DETAILS') at.open = true;
    }
    if (target) target.scrollIntoView();
  };
  addEventListener('hashchange', open);
  open();

  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  document.body.append(tip);
  const number = (value) => String(Number(value.toPrecision(4)));
  const numbers = (text) => text.split(',').map(Number);
  const lines = new WeakMap();
  const linesOf = (path) => {
    if (!lines.has(path)) {
      lines.set(path, path.getAttribute('d').split('M').slice(1).map(
        (line) => line.split('L').map((pair) => pair.split(' ').map(Number))));
    }
    return lines.get(path);
  };
  const heightAt = (path, x) => {
    let best = null;
    for (const line of linesOf(path)) {
      for (const [i, point] of line.entries()) {
        const before = line[i - 1];
        if (before && before[0] < x && x < point[0]) {
          const share = (x - before[0]) / (point[0] - before[0]);
          return before[1] + share * (point[1] - before[1]);
        }
        if (!best || Math.abs(point[0] - x) < Math.abs(best[0] - x)) best = point;
      }
    }
    return best && Math.abs(best[0] - x) <= 12 ? best[1] : null;
  };
  const cursorOf = (plot) => {
    let cursor = plot.querySelector('.cursor');
    if (!cursor) {
      cursor = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      cursor.setAttribute('class', 'cursor');
      plot.append(cursor);
    }
    return cursor;
  };
  const show = (plot, at) => {
    const [left, top, right, bottom] = numbers(plot.dataset.box);
    const [lowX, highX] = numbers(plot.dataset.x);
    const [lowY, highY] = numbers(plot.dataset.y);
    const x = Math.min(Math.max(at, left), right);
    plot.dataset.at = x;
    cursorOf(plot).setAttribute('d', `M${x} ${top}V${bottom}`);
    const texts = [`at ${number(lowX + (x - left) / (right - left) * (highX - lowX))}`];
    for (const path of plot.querySelectorAll('[data-name]')) {
      const height = heightAt(path, x);
      if (height === null) continue;
      const value = lowY + (bottom - height) / (bottom - top) * (highY - lowY);
      texts.push(`${path.dataset.name}: ${number(value)}`);
    }
    tip.textContent = texts.join('\n');
    tip.hidden = false;
    const box = plot.getBoundingClientRect();
    const scale = box.width / plot.viewBox.baseVal.width;
    const place = Math.min(box.left + x * scale + 12, innerWidth - tip.offsetWidth - 8);
    tip.style.left = `${Math.max(place, 4)}px`;
    tip.style.top = `${Math.max(box.top + 4, 4)}px`;
  };
  const hide = (plot) => {
    tip.hidden = true;
    cursorOf(plot).removeAttribute('d');
  };
  addEventListener('scroll', () => { tip.hidden = true; }, {passive: true});
  for (const plot of document.querySelectorAll('svg.plot')) {
    const width = plot.viewBox.baseVal.width;
    plot.addEventListener('pointermove', (event) => {
      const box = plot.getBoundingClientRect();
      show(plot, (event.clientX - box.left) / box.width * width);
    });
    plot.addEventListener('pointerleave', () => hide(plot));
    plot.addEventListener('blur', () => hide(plot));
    plot.addEventListener('keydown', (event) => {
      const [left, , right] = numbers(plot.dataset.box);
      const at = Number(plot.dataset.at ?? left);
      const step = event.shiftKey ? 40 : 4;
      if (event.key === 'ArrowRight') show(plot, at + step);
      else if (event.key === 'ArrowLeft') show(plot, at - step);
      else if (event.key === 'Home') show(plot, left);
      else if (event.key === 'End') show(plot, right);
      else if (event.key === 'Escape') hide(plot);
      else return;
      event.preventDefault();
    });
  }
})();
)js";

}  // namespace

std::string PageStyle() {
    const std::string light = PlotColours(false) + kLight;
    const std::string dark = PlotColours(true) + kDark;
    return fmt::format(
        ":root{{color-scheme:light;{0}}}\n@media(prefers-color-scheme:dark){{"
        ":root:not([data-theme=light]){{color-scheme:dark;{1}}}}}\n"
        ":root[data-theme=dark]{{color-scheme:dark;{1}}}\n"
        "@media print{{:root,:root[data-theme=dark]{{{0}}}}}\n{2}{3}",
        light, dark, kStyle, PlotStyle());
}

std::string_view PageScript() {
    return kScript;
}

}  // namespace crsp::lab
