#include "arc/report/style.hpp"

namespace trm::arc {

// A cell is 12 pixels wide, less where a grid would not fit. The radio buttons stand before the list of tasks, so that
// what is checked decides by sibling selectors which tasks are shown, and in which order.
const std::string_view report_style = R"(
:root { color-scheme: light dark; --at: var(--line); --ink: #1d1d1d; --paper: #fff; --faint: #595959; --line: #d0d0d0; --bar: #0b62a8;
  --solved: #0b6b2b; --wrong: #a3261c; --undecided: #7a5200; --missing: #595959; --answered: #0b62a8 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e4e4; --paper: #181818; --faint: #a8a8a8; --line: #444; --bar: #6db3f2;
    --solved: #5fd07f; --wrong: #f0938a; --undecided: #e0b050; --missing: #a8a8a8; --answered: #6db3f2 }
}
* { box-sizing: border-box }
body { margin: 0 auto; max-width: 76rem; padding: 1rem; font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper) }
h1 { font-size: 1.4rem; margin: 0 0 .6rem; overflow-wrap: anywhere } h2 { font-size: 1.1rem; margin: 0; overflow-wrap: anywhere }
h3 { font-size: .9rem; margin: 1rem 0 .4rem; font-weight: 600 }
.counts { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; margin: 0 0 1rem; list-style: none }
.counts li { border: 1px solid var(--line); border-left: 6px solid var(--at); border-radius: 4px; padding: .3rem .8rem }
.counts b { font-size: 1.4rem; color: var(--at) } .counts small { display: block; color: var(--faint) }
.solved { --at: var(--solved) } .wrong { --at: var(--wrong) } .undecided { --at: var(--undecided) }
.missing { --at: var(--missing) } .answered { --at: var(--answered) } .state { color: var(--at); font-weight: 600 }
table { border-collapse: collapse; margin-bottom: 1rem } td { padding: .1rem 1rem .1rem 0; vertical-align: top; overflow-wrap: anywhere }
td:first-child { color: var(--faint); white-space: nowrap }
label { display: inline-block; border: 1px solid var(--line); border-radius: 4px; padding: .15rem .6rem; margin: 0 .2rem .4rem 0; cursor: pointer }
input { position: absolute; opacity: 0 } .choose { margin: 0 .4rem 0 0; color: var(--faint) }
main { display: flex; flex-direction: column }
section { border-top: 1px solid var(--line); border-left: 6px solid var(--at); padding: .8rem .8rem 1.2rem; content-visibility: auto; contain-intrinsic-size: auto 36rem }
.row { display: flex; flex-wrap: wrap; gap: .9rem 1.2rem; align-items: flex-start }
.pair { display: flex; gap: .3rem; align-items: center; max-width: 100% }
figure { margin: 0; max-width: 100%; min-width: 0; padding: 4px; border: 2px solid transparent } figcaption { font-size: .78rem; color: var(--faint); max-width: 15rem }
figcaption b { color: var(--ink) } figure.truth { border: 2px dashed var(--ink) } figure.right { border: 3px double var(--solved) }
svg { display: block; width: calc(var(--w) * 12px); max-width: min(100%, 84vw); height: auto } .pair svg { max-width: min(100%, 38vw) }
image { image-rendering: pixelated } rect { fill: url(#g) }
svg path { fill: none; stroke: #fff; stroke-width: .36; stroke-dasharray: .36 .64; stroke-dashoffset: -.32; mix-blend-mode: difference } svg { isolation: isolate }
.bar { display: block; height: .5rem; width: 9rem; max-width: 100%; border: 1px solid var(--faint); margin: .2rem 0 }
.bar i { display: block; height: 100%; background: var(--bar) }
details { margin-top: .6rem } summary { cursor: pointer; color: var(--faint); font-size: .85rem }
.more { font-size: .85rem; color: var(--faint); margin: .6rem 0 0 }
.none { display: block; padding: .6rem; border: 1px dashed var(--faint); color: var(--faint); font-size: .85rem }
@media print { .choose, label { display: none } body { max-width: none; padding: 0; font-size: 10pt } section { content-visibility: visible }
  figure, h2, h3, .pair { break-inside: avoid; break-after: avoid } svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; width: calc(var(--w) * 7px) } }
)";

}  // namespace trm::arc
