#pragma once
// Ctrl-C asks the program to stop: work under way ends at its next step, what is
// finished is kept, and the exit code is 130. A second Ctrl-C kills at once.

namespace trm {

void watch_for_interrupt();        // call once, before any thread starts
[[nodiscard]] bool interrupted();  // has SIGINT or SIGTERM arrived?

}  // namespace trm
