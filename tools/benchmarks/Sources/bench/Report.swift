import Foundation

/// Prints cases as they end: JSON lines, or a table.
final class Report {
  private let json: Bool
  private let encoder = JSONEncoder()
  private static let widths = [20, 8, 10, 8, 9, 11, 9, 7, 7]

  init(json: Bool) {
    self.json = json
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  func begin(_ benchmark: any Benchmark, _ options: Options) {
    guard !json else { return }
    Self.write("\n\(benchmark.name): \(benchmark.title), \(options.rows) rows, medians of \(options.rounds)\n")
    line(["variant", "threads", "loam", "spread", "peer", "peer", "ratio", "aim", ""])
    Self.write(String(repeating: "─", count: Self.widths.reduce(0, +) + 2 * Self.widths.count - 2 + 4))
  }

  func add(_ measurement: Measurement) {
    if json {
      Self.write(String(decoding: try! encoder.encode(measurement), as: UTF8.self))
    } else {
      line([
        measurement.variant, String(measurement.threads), Self.figure(measurement.loam, measurement.unit),
        String(format: "±%.0f %%", measurement.spread * 50), measurement.peer ?? "",
        measurement.peerValue.map { Self.figure($0, measurement.unit) } ?? "",
        measurement.ratio.map { String(format: "%.2f x", $0) } ?? "",
        measurement.limit.map {
          measurement.ratio == nil ? Self.figure($0, measurement.unit) : String(format: "%g x", $0)
        }
          ?? "",
        measurement.ofLimit.map { $0 >= 1 ? "reached" : String(format: "%.0f %%", $0 * 100) } ?? "",
      ])
    }
  }

  /// At once, since a case may take minutes.
  private static func write(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

  func end() { if !json { Self.write("") } }

  private static func figure(_ value: Double, _ unit: String) -> String {
    switch unit {
    case "rows/s", "events/s":
      value >= 1e6 ? String(format: "%.1f M/s", value / 1e6) : String(format: "%.0f k/s", value / 1e3)
    case "bytes/s": String(format: "%.0f MB/s", value / 1e6)
    case "bytes": String(format: "%.1f MB", value / 1e6)
    case "ns": String(format: "%.0f ns", value)
    case "ms": String(format: "%.1f ms", value)
    default: String(format: "%.4g \(unit)", value)
    }
  }

  private func line(_ cells: [String]) {
    let padded = zip(cells, Self.widths).enumerated().map { position, cell in
      let space = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
      return position == 0 || position == 4 ? cell.0 + space : space + cell.0
    }
    Self.write(padded.joined(separator: "  "))
  }
}
