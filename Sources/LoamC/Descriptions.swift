import LoamPack
import LoamQuery
import LoamSchema
import LoamStore

/// What `loam_describe` says of what is open: JSON.
enum Descriptions {
  static func json(_ value: Opened) throws -> [UInt8] {
    switch value {
    case .store(let store):
      return SortedJSON.bytes(
        of: StoreText(path: store.path, storeID: store.identity.storeID, versions: try store.versions()))
    case .version(let snapshot): return SortedJSON.bytes(of: VersionText(snapshot))
    case .pack(let pack): return SortedJSON.bytes(of: pack.manifest)
    case .table(let table):
      return SortedJSON.bytes(of: TableText(name: table.name, rows: table.rowCount, columns: table.columns))
    case .timeline(let timeline):
      return SortedJSON.bytes(
        of: TimelineText(
          name: timeline.name, events: timeline.reader.eventCount,
          fields: timeline.reader.fields.map { .init(name: $0.name, kind: $0.kind.rawValue) }))
    case .view(let view): return SortedJSON.bytes(of: ViewText(view))
    }
  }
}

private struct StoreText: Encodable {
  var path: String
  var storeID: String
  var versions: [VersionRecord]

  enum CodingKeys: String, CodingKey {
    case path, versions
    case storeID = "store_id"
  }
}

private struct VersionText: Encodable {
  struct Table: Encodable {
    var name: String
    var kind: String
    var rows: UInt64
  }
  var version: UInt64
  var parent: UInt64?
  var time: Timestamp
  var note: String
  var root: String
  var metrics: [String: Double]
  var tables: [Table]

  init(_ snapshot: Snapshot) {
    let record = snapshot.record
    (version, parent, time, note) = (record.version, record.parent, record.time, record.note)
    (root, metrics) = (record.root.description, record.metrics)
    tables = snapshot.tables.map { table in
      Table(name: table.name, kind: table.kind.rawValue, rows: record.tables[table.description]?.rows ?? 0)
    }
  }
}

private struct TableText: Encodable {
  var name: String
  var rows: Int
  var columns: [OpenColumn]
}

private struct TimelineText: Encodable {
  struct Field: Encodable {
    var name: String
    var kind: String
  }
  var name: String
  var events: Int
  var fields: [Field]
}

private struct ViewText: Encodable {
  struct Column: Encodable {
    var name: String
    /// In NumPy's words.
    var dtype: String
    /// Absent: one element.
    var count: Int?
    var offset: Int
  }
  var name: String
  var ids: [String]
  var columns: [Column]
  var rowBytes: Int

  enum CodingKeys: String, CodingKey {
    case name, ids, columns
    case rowBytes = "row_bytes"
  }

  init(_ reader: ViewReader) {
    (name, ids, rowBytes) = (reader.view.name, reader.view.ids, reader.layout.rowBytes)
    columns = reader.layout.columns.map { column in
      let dtype =
        switch column.element {
        case .real: "<f4"
        case .id: "<u8"
        case .number: "<i8"
        }
      return Column(name: column.name, dtype: dtype, count: column.count, offset: column.offset)
    }
  }
}
