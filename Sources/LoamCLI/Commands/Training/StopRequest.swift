import Foundation
import Synchronization

/// Ctrl-C asks a run to publish a checkpoint and end; a second one ends the process.
struct StopRequest {
  private static let requested = Atomic<Bool>(false)

  init() {
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        StopRequest.requested.store(true, ordering: .relaxed)
        signal(number, SIG_DFL)
      }
    }
  }

  var isRequested: Bool { Self.requested.load(ordering: .relaxed) }
}
