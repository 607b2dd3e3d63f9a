#pragma once
// Ctrl-C asks a command that keeps what is finished to stop: work under way ends at its next step, and the exit code is
// 130. The same for SIGTERM, SIGHUP (a closed terminal) and SIGXCPU (a limit on CPU time). A second Ctrl-C kills at
// once. A command that keeps nothing does not watch, and dies at the first.

namespace trm {

void watch_for_interrupt();        // call once, before any thread starts
[[nodiscard]] bool interrupted();  // has one of these signals arrived?

}  // namespace trm
