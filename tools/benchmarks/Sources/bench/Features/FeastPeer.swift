import Foundation

/// Feast in a Python of its own: its requirements do not go with those of other peers.
enum FeastPeer {
  static func start(_ options: Options) throws -> Peer? {
    guard options.wants("feast") else { return nil }
    let python = ProcessInfo.processInfo.environment["FEAST_PYTHON"] ?? "python3"
    guard (try? Peer.run([python, "-c", "import feast"])) != nil else {
      note("no peer feast: \(python) has no feast (PyPI; FEAST_PYTHON names another Python)")
      return nil
    }
    return try Peer(
      "feast", settings: "SQLite online, files offline, in process",
      command: [python, "\(Peer.directory)/feast_views.py"])
  }
}
