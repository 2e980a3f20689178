import LoamSchema

/// The first records of an input as texts: what `loam schema infer` looks at.
public struct RecordSampler: Sendable {
  /// The names of the columns: of the header, of the format's `columns`, or all keys of JSON records in order of first
  /// appearance. Empty where the format has neither.
  public var header: [String]
  /// One text a column, except where a record of a file without names has more or fewer. JSON: `null` and absent keys
  /// are empty, booleans are `1` and `0`, arrays and objects their JSON. libsvm and libffm: the tokens of the line.
  public var records: [[String]]

  /// At most `limit` records. Throws for an input that cannot be read, and `badRows` at a malformed record.
  public init(_ input: Input, format: RecordFormat, limit: Int = 1_000) throws(IngestError) {
    let syntaxFormat = format.kind.isDelimited ? format : RecordFormat(kind: .tsv, delimiter: "\n", header: false)
    let reader = try RecordReader(input, format: syntaxFormat, columns: [])
    header = reader.header
    records = []
    var keys: [String: Int] = [:]
    do throws(RecordError) {
      while records.count < limit, try reader.next() {
        switch format.kind {
        case .csv, .tsv: records.append(reader.record.fields.map { $0.text.string })
        case .libsvm, .libffm:
          records.append(reader.record.fields[0].text.string.split(separator: " ").map(String.init))
        case .jsonl:
          do throws(RowFault) {
            records.append(RecordSampler.record(try JSONScanner.members(of: reader.record), &keys, &header))
          } catch { throw .row(error) }
        }
      }
    } catch {
      switch error {
      case .input(let error): throw error
      case .row(let fault):
        let row = reader.row(of: fault)
        throw IngestError(.badRows, row.description, hint: row.hint, rows: [row])
      }
    }
    if format.kind == .jsonl {
      for index in records.indices {
        records[index] += Array(repeating: "", count: header.count - records[index].count)
      }
    }
  }

  private static func record(
    _ members: [(key: String, value: String)], _ keys: inout [String: Int], _ header: inout [String]
  ) -> [String] {
    var record = Array(repeating: "", count: header.count)
    for (key, value) in members {
      if let index = keys[key] {
        record[index] = value
      } else {
        keys[key] = header.count
        header.append(key)
        record.append(value)
      }
    }
    return record
  }
}
