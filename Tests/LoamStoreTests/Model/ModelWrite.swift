import LoamKernels
import LoamSchema
import Testing

@testable import LoamStore

/// A write in progress beside what its version will contain.
final class ModelWrite {
  let tables: [TableName]
  let write: Write
  var content: ReferenceContent
  private var ids: [TableName: IDTableWriter] = [:]
  private var timeline: TimelineWriter?
  private var blobs: BlobWriter?

  /// - Parameter bytesMax: of copies; what is changed beyond that is put before the publish.
  init(_ store: Store, _ tables: [TableName], _ content: ReferenceContent, bytesMax: Int = .max) throws {
    self.tables = tables
    self.content = content
    let specs = tables.map { ModelTables.specs[$0]! }
    write = try store.begin(specs)
    write.copies.bytesMax = bytesMax
    for spec in specs {
      switch spec.name.kind {
      case .timeline: timeline = try TimelineWriter(write, spec)
      case .model: blobs = try BlobWriter(write, spec)
      default: ids[spec.name] = try IDTableWriter(write, spec)
      }
    }
  }

  /// One small change of a random table.
  func change(_ random: inout SeededGenerator) throws {
    let table = tables.randomElement(using: &random)!
    switch table.kind {
    case .timeline: try append(&random)
    case .model: setBlob(&random)
    default: try changeRow(table, &random)
    }
  }

  private func changeRow(_ table: TableName, _ random: inout SeededGenerator) throws {
    let writer = ids[table]!
    if random.next() % 3 == 0 { try writer.putEarlyIfFull() }
    // Few enough that updates meet rows; users are strings, some of them numbers.
    var string: String?
    var id = random.next() % 200
    if table == ModelTables.users, id % 5 != 0 {
      var text = "user \(id)"
      string = text
      id = text.withUTF8 { loam_hash_bytes($0.baseAddress, $0.count) }
    }
    let known = content.rows[table]?[id]
    let found = try writer.find(id)
    #expect(found.isNone == (known == nil), "\(table) ID \(id)")
    if random.next() % 6 == 0 {
      #expect(try writer.remove(id) == (known != nil), "\(table) ID \(id)")
      #expect(try writer.find(id).isNone, "\(table) ID \(id)")
      content.rows[table]?[id] = nil
      return
    }
    let row = try writer.findOrInsert(id, string: string)
    var reference = known ?? ReferenceContent.Row(bytes: [], initial: [], string: string)
    for (index, column) in writer.spec.columns.enumerated() {
      let bytes = Array(UnsafeRawBufferPointer(start: try writer.row(index, row), count: column.stride))
      if known == nil {
        // Its slot may have been another's: nothing of that one is left.
        #expect(bytes == Self.initial(table, column, id), "\(table) \(column.name) new ID \(id)")
        reference.initial.append(bytes)
        reference.bytes.append(bytes)
      } else {
        #expect(bytes == reference.bytes[index], "\(table) \(column.name) ID \(id) in the write")
      }
      guard random.next() % 3 != 0 else { continue }
      // Now and then back to what it began with, which leaves no trace in the root.
      let new =
        random.next() % 8 == 0
        ? reference.initial[index] : (0..<column.stride).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      try writer.mutableRow(index, row).copyMemory(from: new, byteCount: new.count)
      reference.bytes[index] = new
    }
    content.rows[table, default: [:]][id] = reference
  }

  private static func initial(_ table: TableName, _ column: ColumnSpec, _ id: ID) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: column.stride)
    bytes.withUnsafeMutableBytes { row in
      try? InitialRow(column, table: table, generation: 0).write(id, to: row.baseAddress!)
    }
    return bytes
  }

  private func append(_ random: inout SeededGenerator) throws {
    let events = (0..<1 + Int(random.next() % 4)).map { _ in
      let time = Timestamp(random.next() % 1_000)
      return Event(
        entity: random.next() % 40, time: time, knownAt: time + Timestamp(random.next() % 50),
        values: [.id(random.next() % 1_000), .real(Float(random.next() % 100))])
    }
    try timeline!.append(events)
    content.events += events
  }

  private func setBlob(_ random: inout SeededGenerator) {
    let name = "dense/\(random.next() % 5)"
    if random.next() % 4 == 0 {
      blobs!.remove(name)
      content.blobs[name] = nil
    } else {
      // One in twenty has more than one chunk.
      let size = random.next() % 20 == 0 ? (1 << 20) + 7 : [0, 1, 300, 5_000].randomElement(using: &random)!
      let bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: random.next()), count: size)
      blobs!.set(name, bytes)
      content.blobs[name] = bytes
    }
  }

  func flush() throws {
    for writer in ids.values { try writer.flush() }
    try timeline?.flush()
    try blobs?.flush()
  }

  func publish(_ options: PublishOptions) throws -> VersionRecord {
    try flush()
    let record = try write.publish(options)
    if options.goOn { for writer in ids.values { try writer.rebase() } }
    return record
  }
}
