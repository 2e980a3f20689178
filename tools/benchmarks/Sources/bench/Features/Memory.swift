import Foundation

/// Pages that the process holds, those of mapped files among them.
enum Memory {
  /// From now on `peakMegabytes` counts anew.
  static func beginPeak() {
    // "5" resets the peak; see proc(5).
    try? Data("5".utf8).write(to: URL(fileURLWithPath: "/proc/self/clear_refs"))
  }

  static func peakMegabytes() -> Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return Double(line?.split(separator: " ").dropFirst().first ?? "").map { $0 / 1_024 } ?? .nan
  }
}
