import LoamKernels
import LoamSchema
import LoamStore

/// A small store with one of each structure, whose content GoldenStoreTests states again.
///
/// ```
///   version 2   items 1 to 300, users, events, log rows, a blob; tagged `golden`
///   version 3   every 30th item changed: patches; alias `serving`
/// ```
enum GoldenStore {
  static func make(_ path: String) throws {
    let store = try Store.create(
      at: path,
      options: StoreOptions(shards: 2, shardMapBytes: 1 << 24, catalogMapBytes: 1 << 24, schema: "golden"))
    let items = TableSpec(
      Workload.items,
      columns: [ColumnSpec("vector", .f32, width: 4, blockPages: 1), ColumnSpec("count", .u64, blockPages: 1)])
    let users = TableSpec(TableName(.ids, "user"), columns: [ColumnSpec("count", .u64, blockPages: 1)])
    let clicks = TableSpec.timeline(
      "click", fields: [TimelineFieldSpec("item", .id), TimelineFieldSpec("price", .real)])
    let log = TableSpec(TableName(.log, "train"))
    let write = try store.begin([items, users, clicks, log, TableSpec(Workload.model)])

    let rows = try IDTableWriter(write, items)
    for id in 1...300 as ClosedRange<ID> {
      let row = try rows.findOrInsert(id)
      let vector = try rows.mutableRow(0, row)
      for element in 0..<4 {
        vector.storeBytes(of: Float(id) + Float(element) / 4, toByteOffset: 4 * element, as: Float.self)
      }
      try rows.mutableRow(1, row).storeBytes(of: 7 * id, as: UInt64.self)
    }
    try rows.flush()

    let names = try IDTableWriter(write, users)
    for number in 1...50 {
      var name = "user \(number)"
      let id = name.withUTF8 { loam_hash_bytes($0.baseAddress, $0.count) }
      let row = try names.findOrInsert(id, string: name)
      try names.mutableRow(0, row).storeBytes(of: UInt64(number), as: UInt64.self)
    }
    try names.flush()

    let timeline = try TimelineWriter(write, clicks)
    var events: [Event] = []
    for number in 0..<120 {
      let values: [EventValue] = [.id(ID(number)), .real(Float(number) / 8)]
      let time = Timestamp(1_000 * number)
      events.append(Event(entity: ID(number % 7), time: time, knownAt: time + 5, values: values))
    }
    try timeline.append(events)
    try timeline.flush()

    let logged = try FeatureLogWriter(write, log)
    var group = RowGroup(rowCount: 200)
    group.columns["dense/x"] = .real((0..<200).map { Float($0) / 2 })
    let codes: [UInt32] = (0..<200).map { UInt32($0 % 3) }
    group.columns["id/user"] = .ids(CodedIDs(distinct: [11, 22, 33], codes: codes))
    try logged.append(group)
    try logged.flush()

    let blobs = try BlobWriter(write, TableSpec(Workload.model))
    blobs.set("dense/weight", (0..<600).map { UInt8(truncatingIfNeeded: $0) })
    try blobs.flush()
    try write.publish(PublishOptions(note: "golden", tags: ["golden"], metrics: ["auc": 0.75]))
    try change(store, items)
    store.close()
  }

  private static func change(_ store: Store, _ items: TableSpec) throws {
    let write = try store.begin([items])
    let rows = try IDTableWriter(write, items)
    for id in stride(from: 30, through: 300, by: 30) {
      try rows.mutableRow(1, try rows.findOrInsert(ID(id))).storeBytes(of: 1, as: UInt64.self)
    }
    try rows.flush()
    try write.publish(PublishOptions(note: "patched", aliases: ["serving"]))
  }
}
