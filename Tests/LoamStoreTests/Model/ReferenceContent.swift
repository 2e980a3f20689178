import Foundation
import LoamSchema
import Testing

@testable import LoamStore

/// What a version contains, as dictionaries: what the store is compared with.
struct ReferenceContent: Equatable {
  struct Row: Equatable {
    /// By column.
    var bytes: [[UInt8]]
    var initial: [[UInt8]]
    var string: String?
  }
  var rows: [TableName: [ID: Row]] = [:]
  /// In order of arrival.
  var events: [Event] = []
  var blobs: [String: [UInt8]] = [:]

  /// One table as `other` has it.
  mutating func take(_ table: TableName, from other: ReferenceContent) {
    switch table {
    case ModelTables.clicks: events = other.events
    case ModelTables.model: blobs = other.blobs
    default: rows[table] = other.rows[table]
    }
  }

  /// From the definition of a root alone: no sums of differences.
  func root(of table: TableName) throws -> Root {
    var root: UInt128 = 0
    switch table {
    case ModelTables.clicks:
      let salt = RowHash.salt("/event")
      for (arrival, event) in events.enumerated() {
        var words = [event.entity, UInt64(bitPattern: event.time), UInt64(bitPattern: event.knownAt)]
        for (field, value) in event.values.enumerated() {
          switch value {
          case .id(let id): words += [UInt64(field), id]
          case .real(let real): words += [UInt64(field), UInt64(real.bitPattern)]
          }
        }
        root &+= words.withUnsafeBytes { RowHash.of(salt: salt, key: UInt64(arrival), payload: $0) }
      }
    case ModelTables.model:
      for (name, bytes) in blobs {
        root &+= bytes.withUnsafeBytes { RowHash.of(column: name, key: 0, payload: $0) }
      }
    default:
      let columns = try #require(ModelTables.specs[table]).columns
      for (id, row) in rows[table] ?? [:] {
        root &+= RowHash.of(column: "/id", key: id, payload: UnsafeRawBufferPointer(start: nil, count: 0))
        if let string = row.string {
          root &+= Array(string.utf8).withUnsafeBytes { RowHash.of(column: "/string", key: id, payload: $0) }
        }
        for (column, bytes) in zip(columns, row.bytes.indices) where row.bytes[bytes] != row.initial[bytes] {
          root &+= row.bytes[bytes].withUnsafeBytes { RowHash.of(column: column.name, key: id, payload: $0) }
        }
      }
    }
    return Root(root)
  }

  /// Reads a whole version of the store through its readers and compares.
  func expectEqual(_ snapshot: Snapshot, _ place: @autoclosure () -> String) throws {
    for table in ModelTables.all {
      let stored = snapshot.record.tables[table.description]?.root ?? Root()
      #expect(try root(of: table) == stored, "root of \(table), \(place())")
    }
    for table in [ModelTables.items, ModelTables.users] { try expectEqual(snapshot, table, place()) }
    let timeline = try TimelineReader(snapshot, ModelTables.clicks)
    #expect(timeline?.eventCount ?? 0 == events.count, "\(place())")
    try timeline?.check()
    var byEntity: [ID: [Event]] = [:]
    for event in events { byEntity[event.entity, default: []].append(event) }
    for (entity, events) in byEntity {
      // Of equal times the later arrival comes first.
      let expected = events.enumerated().sorted { ($0.element.time, $0.offset) > ($1.element.time, $1.offset) }
      #expect(try timeline?.events(of: entity) == expected.map(\.element), "entity \(entity), \(place())")
    }
    let reader = try BlobReader(snapshot, ModelTables.model)
    #expect(reader?.names() ?? [] == blobs.keys.sorted(), "\(place())")
    for (name, bytes) in blobs {
      let stored = try #require(try reader?.blob(named: name))
      let isSame = stored.count == bytes.count && memcmp(stored, bytes, bytes.count) == 0
      #expect(isSame, "blob \(name), \(place())")
    }
    try reader?.check()
  }

  private func expectEqual(_ snapshot: Snapshot, _ table: TableName, _ place: @autoclosure () -> String) throws {
    let expected = rows[table] ?? [:]
    guard let reader = try IDTableReader(snapshot, table) else {
      #expect(expected.isEmpty, "\(table), \(place())")
      return
    }
    try reader.check()
    #expect(reader.rowCount == expected.count, "\(table), \(place())")
    for (id, row) in expected {
      let reference = try reader.find(id)
      guard !reference.isNone else {
        Issue.record("\(table) lacks ID \(id), \(place())")
        return
      }
      for (column, bytes) in zip(reader.spec.columns, row.bytes) {
        var stored = [UInt8](repeating: 0, count: column.stride)
        try stored.withUnsafeMutableBytes { try reader.read(column.name, [reference], into: $0.baseAddress!) }
        #expect(stored == bytes, "\(table) \(column.name) ID \(id), \(place())")
      }
      #expect(try reader.string(of: reference) == row.string, "\(table) ID \(id), \(place())")
    }
  }
}
