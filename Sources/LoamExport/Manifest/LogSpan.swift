import Foundation
import LoamSchema
import LoamStore

/// A log that a model was trained on, with the times of its first and its last event.
struct LogSpan {
  private(set) var log: ExportManifest.Log

  /// - Parameter log: as it was when training began. Rows that came later do not count; one that is gone has no times.
  init(_ snapshot: Snapshot, _ log: ExportManifest.Log) throws(ExportError) {
    self.log = log
    let what = "log:\(log.name)"
    let reader = try Exporter.reading(what) { () throws(StoreError) in
      try FeatureLogReader(snapshot, TableName(.log, log.name))
    }
    guard let reader, reader.columnNames.contains("time/event") else { return }
    let count = min(reader.rowCount, Int(clamping: log.rows))
    var span: (first: Timestamp, last: Timestamp)?
    for first in stride(from: 0, to: count, by: reader.rowsPerGroup) {
      let group = try Exporter.reading(what) { () throws(StoreError) in
        try reader.group(first / reader.rowsPerGroup, columns: ["time/event"])
      }
      guard case .time(let times)? = group.columns["time/event"] else { continue }
      for time in times.prefix(count - first) where time != .absent {
        span = (min(span?.first ?? time, time), max(span?.last ?? time, time))
      }
    }
    (self.log.firstEvent, self.log.lastEvent) = (span.map { Self.text($0.first) }, span.map { Self.text($0.last) })
  }

  private static func text(_ time: Timestamp) -> String {
    Date(timeIntervalSince1970: Double(time) / 1e6).formatted(.iso8601)
  }
}
