import LoamKernels
import LoamSchema
import LoamStore

/// How the IDs of one ID space are written: digits, or the dictionary's strings; `:missing` and `:unknown` anywhere.
struct IDNames {
  let space: String
  let kind: IDField.Kind
  /// Nil before anything was ingested.
  let table: IDTableReader?
  /// More rows are not searched for a name that is near.
  private static let suggestionRowsMax = 200_000

  init(_ snapshot: Snapshot, space: String) throws {
    self.space = space
    let fields = try snapshot.schema().allIDs.filter { $0.space == space }
    table = try IDTableReader(snapshot, TableName(.ids, space))
    guard let field = fields.first else {
      throw snapshot.unknown(.ids, space, "ID space")
    }
    kind = field.kind
  }

  func id(_ text: String) throws -> ID {
    switch text {
    case ":missing": return .missing
    case ":unknown": return .unknown
    default: break
    }
    guard kind == .integer else {
      var text = text
      return text.withUTF8 { loam_hash_bytes($0.baseAddress, $0.count) }
    }
    guard let id = ID(text), id <= ID.largest else {
      throw CommandError(
        .badID, "'\(text)' is no ID of \(space), whose IDs are whole numbers from 0",
        hint: "Reserved rows are written :missing and :unknown.")
    }
    return id
  }

  func text(_ id: ID) throws -> String {
    switch id {
    case .missing: return ":missing"
    case .unknown: return ":unknown"
    default: break
    }
    guard kind == .string, let table else { return "\(id)" }
    let row = try table.find(id)
    return row.isNone ? "#\(id)" : try table.string(of: row) ?? "#\(id)"
  }

  /// A known string close to `text`.
  func suggestion(for text: String) throws -> String? {
    guard kind == .string, let table, table.rowCount <= Self.suggestionRowsMax else { return nil }
    var strings: [String] = []
    try table.forEachRow { row, _ in
      if let string = try table.string(of: row) { strings.append(string) }
    }
    return nearestName(to: text, among: strings)
  }
}
