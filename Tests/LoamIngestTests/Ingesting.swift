import Foundation
import LoamIngest
import LoamSchema
import LoamStore

/// A new store in a directory of its own, gone afterwards.
func withStore<Result>(_ body: (Store) throws -> Result) throws -> Result {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent("loam-ingest-\(UUID().uuidString)").path
  defer { try? FileManager.default.removeItem(atPath: path) }
  let store = try Store.create(at: path)
  defer { store.close() }
  return try body(store)
}

/// A log with users in time order, a shared item space and a timeline of clicks.
let clickSchema = Schema(
  name: "clicks", format: RecordFormat(kind: .csv), eventTime: TimeColumn(column: "t", unit: .seconds),
  labels: [LabelField(name: "click")], dense: [DenseField(name: "price")],
  ids: [
    IDField(name: "user"), IDField(name: "item", kind: .integer), IDField(name: "last", kind: .integer, space: "item"),
  ],
  timelines: [
    TimelineField(
      name: "clicks", entity: "user", when: [TimelineField.Condition(label: "click", equals: 1)],
      fields: ["item", "price"])
  ])

func clickLines(_ rows: Range<Int>) -> String {
  "t,user,item,last,price,click\n"
    + rows.map { row in
      "\(row / 3),u\(row * 7 % 31),\(row * 13 % 53),\(row % 5 == 0 ? "" : "\(row * 11 % 59)"),\(row).25,\(row % 4 == 0 ? 1 : 0)\n"
    }.joined()
}

@discardableResult
func ingest(
  _ text: String, into store: Store, name: String = "rows", log: String = "train", batchRows: Int = 262_144,
  maxBadRows: Int = 0, schema: Schema = clickSchema
) throws -> IngestReport {
  let ingestor = Ingestor(
    store: store, schema: schema,
    options: IngestOptions(log: log, batchRows: batchRows, maxBadRows: maxBadRows, now: 1))
  return try ingestor.run([.memory(name: name, bytes: Array(text.utf8))])
}

func roots(of store: Store) throws -> [String: Root] { try store.snapshot().record.tables.mapValues(\.root) }
