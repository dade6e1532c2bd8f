// The style sheet of the pages. Light and dark by the reader's own setting; print without the dark.
#pragma once

namespace risetime::core {

inline constexpr const char* style_sheet = R"css(
:root {
  color-scheme: light dark;
  --paper: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #5b6878; --faint: #e3e7ed; --edge: #dbe0e8;
  --seen: #1f2d3d; --ahead: #1769e0; --usual: #8b97a6; --good: #0b7a4b; --good-paper: #e0f4ea; --bad: #b3372f; --bad-paper: #fbe7e5;
  --c0: #1769e0; --c1: #d9730d; --c2: #0f8a5f; --c3: #a63fa0; --c4: #c2361f; --c5: #1a93a8; --c6: #7a6a00; --c7: #6b7684;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #0f141b; --card: #171e27; --ink: #e8edf3; --soft: #9aa8b8; --faint: #253040; --edge: #2a3543;
    --seen: #e8edf3; --ahead: #62a3ff; --usual: #6f7d8e; --good: #5fd19f; --good-paper: #12372a; --bad: #ff8f85; --bad-paper: #44211f;
    --c0: #62a3ff; --c1: #f2a154; --c2: #4cc793; --c3: #d58ad0; --c4: #ff8673; --c5: #5cc8da; --c6: #d2c04a; --c7: #9aa5b3;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
main, header, footer { max-width: 1220px; margin: 0 auto; padding: 0 28px; }
header { padding-top: 36px; padding-bottom: 8px; }
h1 { font-size: 28px; line-height: 1.2; letter-spacing: -0.015em; margin: 0; }
h2 { font-size: 19px; letter-spacing: -0.01em; margin: 36px 0 12px; }
h3 { font-size: 15px; margin: 0; line-height: 1.35; }
.subtitle, .note, caption { color: var(--soft); }
.subtitle { margin: 6px 0 0; }
.note { font-size: 13px; margin: 8px 0 0; }
.facts { display: flex; flex-wrap: wrap; gap: 12px; margin: 22px 0 0; padding: 0; }
.facts div { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; padding: 10px 18px; min-width: 118px; }
.facts dt { color: var(--soft); font-size: 12.5px; }
.facts dd { margin: 0; font-size: 21px; font-weight: 650; letter-spacing: -0.01em; font-variant-numeric: tabular-nums; }
.card { background: var(--card); border: 1px solid var(--edge); border-radius: 12px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; }
caption { text-align: left; font-size: 13px; padding: 12px 16px 4px; }
th { font-weight: 600; color: var(--soft); font-size: 12.5px; text-align: left; white-space: nowrap; }
thead th { border-bottom: 1px solid var(--edge); }
th, td { padding: 8px 12px; vertical-align: middle; }
td:first-child, th:first-child { padding-left: 16px; }
td:last-child, th:last-child { padding-right: 16px; }
tbody tr + tr > * { border-top: 1px solid var(--faint); }
tbody th { font-weight: 500; font-size: 14px; color: var(--ink); white-space: normal; min-width: 210px; max-width: 340px; overflow-wrap: anywhere; }
tbody th small, .meta { display: block; color: var(--soft); font-size: 12.5px; font-weight: 400; }
.n { text-align: right; white-space: nowrap; }
.n small { display: block; color: var(--soft); font-size: 12px; }
.best { font-weight: 700; color: var(--good); }
.pill { display: inline-block; border-radius: 999px; padding: 1px 9px; font-size: 12.5px; font-weight: 600; background: var(--faint); color: var(--soft); }
.pill.above { background: var(--good-paper); color: var(--good); }
.pill.below { background: var(--bad-paper); color: var(--bad); }
.grid { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(560px, 100%), 1fr)); gap: 18px; }
.after { margin-top: 18px; }
.grid.three { margin: 14px 0 18px; grid-template-columns: repeat(auto-fill, minmax(min(350px, 100%), 1fr)); }
.three .note { min-height: 40px; margin: 2px 0 10px; }
.grid .card { padding: 16px 18px 14px; min-width: 0; }
.title { display: flex; justify-content: space-between; gap: 14px; align-items: flex-start; }
.title h3 { overflow-wrap: anywhere; }
.stat { margin: 10px 0 0; }
.stat > h4 { margin: 0; font-size: 12.5px; font-weight: 600; color: var(--soft); }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 10px; }
svg { display: block; max-width: 100%; height: auto; }
svg text { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
svg .middle { text-anchor: middle; } svg .end { text-anchor: end; }
svg .value { fill: var(--ahead); font-weight: 650; font-size: 12px; }
svg path { fill: none; stroke-linejoin: round; stroke-linecap: round; }
svg .grid { stroke: var(--faint); } svg .axis { stroke: var(--edge); }
svg .now { stroke: var(--soft); stroke-dasharray: 2 3; }
svg .seen { stroke: var(--seen); stroke-width: 1.8; } svg .now-dot { fill: var(--seen); }
svg .typical { fill: var(--usual); fill-opacity: .16; stroke: none; }
svg .came { stroke: var(--good); stroke-width: 1.8; }
svg .usual { stroke: var(--usual); stroke-width: 1.4; stroke-dasharray: 5 4; }
svg .median { stroke: var(--ahead); stroke-width: 1.8; } svg .median-dot { fill: var(--ahead); stroke: var(--card); stroke-width: 1.2; }
svg .fan { fill: var(--ahead); stroke: none; } svg .f95 { fill-opacity: .10; } svg .f80 { fill-opacity: .16; } svg .f50 { fill-opacity: .24; }
svg.spark .f80 { fill-opacity: .22; } svg.spark .seen, svg.spark .median { stroke-width: 1.5; }
svg .line { stroke-width: 2; } svg .reference { stroke: var(--usual); stroke-dasharray: 5 4; }
svg .mark { stroke: var(--card); stroke-width: 1; }
.line.c0 { stroke: var(--c0); } .line.c1 { stroke: var(--c1); } .line.c2 { stroke: var(--c2); } .line.c3 { stroke: var(--c3); }
.line.c4 { stroke: var(--c4); } .line.c5 { stroke: var(--c5); } .line.c6 { stroke: var(--c6); } .line.c7 { stroke: var(--c7); }
.mark.c0 { fill: var(--c0); } .mark.c1 { fill: var(--c1); } .mark.c2 { fill: var(--c2); } .mark.c3 { fill: var(--c3); }
.mark.c4 { fill: var(--c4); } .mark.c5 { fill: var(--c5); } .mark.c6 { fill: var(--c6); } .mark.c7 { fill: var(--c7); }
.figures { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 10px 0 0; } .figures dt { color: var(--soft); font-size: 12px; }
.figures dd { margin: 0; font-size: 14px; font-weight: 600; font-variant-numeric: tabular-nums; }
.milestones { margin: 8px 0 0; padding: 0; list-style: none; font-size: 13px; color: var(--soft); } .milestones li { display: inline-block; margin: 0 14px 0 0; }
.alerts { list-style: none; margin: 0; padding: 12px 18px; font-size: 14px; } .alerts li { padding: 4px 0; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 10px 0 0; padding: 0; list-style: none; font-size: 13px; color: var(--soft); }
.legend svg { display: inline-block; vertical-align: -2px; margin-right: 6px; }
details { margin-top: 10px; font-size: 13px; } summary { cursor: pointer; color: var(--soft); }
details table { font-size: 13px; } details td, details th { padding: 4px 10px; }
.switch { float: right; display: inline-flex; border: 1px solid var(--edge); border-radius: 8px; overflow: hidden; background: var(--card); font-size: 13px; }
.switch label { padding: 4px 12px; cursor: pointer; color: var(--soft); }
.scale { position: absolute; opacity: 0; pointer-events: none; }
#scale-log:not(:checked) ~ main .logarithmic, #scale-log:checked ~ main .linear { display: none; }
#scale-log:checked ~ main .switch label[for=scale-log], #scale-linear:checked ~ main .switch label[for=scale-linear] { background: var(--ahead); color: var(--card); }
#scale-log:focus-visible ~ main .switch, #scale-linear:focus-visible ~ main .switch { outline: 2px solid var(--ahead); outline-offset: 2px; }
footer { color: var(--soft); font-size: 13px; padding-top: 28px; padding-bottom: 44px; }
footer dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; border-top: 1px solid var(--edge); padding-top: 18px; }
footer dt { font-weight: 600; } footer dd { margin: 0; overflow-wrap: anywhere; }
@media print { .switch, details { display: none; } .card { break-inside: avoid; } }
@media (max-width: 640px) { main, header, footer { padding-left: 14px; padding-right: 14px; } .pair { grid-template-columns: 1fr; } }
)css";

}  // namespace risetime::core
