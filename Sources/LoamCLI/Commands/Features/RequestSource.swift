import LoamIngest
import LoamQuery
import LoamSchema
import LoamStore

/// The requests of files, batch by batch.
final class RequestSource {
  private let view: FeatureView
  private let reader: RowGroupReader
  /// Of the view's IDs.
  let spaces: [String]

  init(_ snapshot: Snapshot, _ view: FeatureView, _ paths: [String], kind: RecordFormat.Kind, rows: Int) throws {
    self.view = view
    let known = try snapshot.schemaText() == nil ? [] : snapshot.schema().allIDs
    // The column is named as the field is; its texts are read as those of the store's log.
    let fields = view.ids.map { name in
      let field = known.first { $0.name == name }
      return IDField(name: name, kind: field?.kind ?? .integer, space: field?.space, bucketise: field?.bucketise ?? [])
    }
    spaces = fields.map(\.space)
    let schema = Schema(
      name: view.name, format: RecordFormat(kind: kind), eventTime: view.time,
      knownAt: view.knownBy.map { .column($0) } ?? .eventTime, dense: view.carry.map { DenseField(name: $0) },
      ids: fields)
    reader = RowGroupReader(schema, paths.map { Input($0) }, rowsPerGroup: rows)
  }

  /// Requests, and the carried columns of each; `nil` after the last.
  func next() throws -> (ViewRequests, [[Float]])? {
    guard let group = try reader.next() else { return nil }
    guard case .time(let times)? = group.columns["time/event"], case .time(let known)? = group.columns["time/known"]
    else { preconditionFailure("a view's requests have a time") }
    let ids = view.ids.map { name -> [ID] in
      guard case .ids(let coded)? = group.columns["id/\(name)"] else {
        return Array(repeating: .missing, count: group.rowCount)
      }
      return coded.codes.map { $0 == CodedIDs.missing ? .missing : coded.distinct[Int($0)] }
    }
    let carry = view.carry.map { name -> [Float] in
      guard case .real(let values)? = group.columns["dense/\(name)"] else {
        return Array(repeating: .nan, count: group.rowCount)
      }
      return values
    }
    return (ViewRequests(ids: ids, times: times, knownBy: known), carry)
  }
}
