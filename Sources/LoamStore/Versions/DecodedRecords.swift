import LMDB
import Synchronization

/// Records of the catalog that were decoded before, by their bytes.
///
/// Each snapshot needs the description of every table, and each commit the record of every kept version; nearly all of
/// them are as they were the last time.
final class DecodedRecords<Record: Sendable>: Sendable {
  private static var countMax: Int { 4_096 }
  private let known = Mutex<[[UInt8]: Record]>([:])

  func record(_ bytes: UnsafeRawBufferPointer, _ decode: (UnsafeRawBufferPointer) -> Record?) -> Record? {
    let key = Array(bytes)
    if let record = known.withLock({ $0[key] }) { return record }
    guard let record = decode(bytes) else { return nil }
    known.withLock { known in
      if known.count >= Self.countMax { known = [:] }
      known[key] = record
    }
    return record
  }
}

extension Transaction where Self: ~Copyable {
  /// Every value in key order.
  func values<K, V>(of database: Database<K, V>, _ decoded: DecodedRecords<V.Element>) throws(LMDBError) -> [V.Element]
  {
    try withCursor(database) { cursor throws(LMDBError) in
      var found: [V.Element] = []
      var entry = try cursor.first()
      while let (_, value) = entry {
        guard let record = decoded.record(value, V.decode) else {
          throw LMDBError(.corrupted, call: "decode \(database.name)", path: environment.path)
        }
        found.append(record)
        entry = try cursor.next()
      }
      return found
    }
  }
}
