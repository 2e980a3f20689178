import LoamSchema

/// A first schema guessed from a sample of records, with the reason of each guess: to be read and corrected.
///
/// ```swift
/// let guess = SchemaInference.infer(header: ["user", "price", "click"], records: sample, kind: .csv, name: "ads")
/// print(guess.yaml)     // a schema file whose comments say what each guess rests on
/// guess.schema.labels   // [LabelField(name: "click")]
/// ```
///
/// A pure function of its arguments. A few thousand records are enough; a value that the sample lacks can only be
/// met at ingest, which then names the row.
public struct SchemaInference: Sendable, Equatable {
  /// A column that no field reads, and why.
  public struct LeftOut: Sendable, Equatable {
    public var column: String
    public var reason: String
  }
  public internal(set) var schema: Schema
  /// What each guess rests on, by the name of the field (`event_time`, `weight` and `format` by theirs).
  public internal(set) var notes: [String: String] = [:]
  public internal(set) var leftOut: [LeftOut] = []
  let recordCount: Int

  /// - Parameters:
  ///   - header: the column names; `nil` for a file without: columns are then called `column_1`, `column_2`, ...
  ///   - records: the fields of some records, missing ones as empty texts; shorter records count as missing. Of jsonl
  ///     arrays and objects as their JSON; of libsvm and libffm the tokens of the line, without a header.
  ///   - delimiter: where it is not the usual one of `kind`.
  public static func infer(
    header: [String]?, records: [[String]], kind: RecordFormat.Kind, name: String, delimiter: String? = nil
  ) -> SchemaInference {
    let sample = InferenceSample(header: header, records: records, kind: kind)
    let columns = sample.columns
    let isDelimited = kind.isDelimited
    let trim = isDelimited && records.contains { $0.contains { $0.first == " " || $0.last == " " } }
    let profiles = columns.indices.map { index in
      ColumnProfile(
        column: columns[index], index: index,
        texts: sample.rows.lazy.map { index < $0.count ? $0[index].withoutBlanksAround : "" },
        isArray: sample.arrays.contains(index), isStructure: sample.structures.contains(index))
    }
    let format = RecordFormat(
      kind: kind, delimiter: delimiter, columns: isDelimited && header == nil ? columns : [],
      missing: Set(profiles.flatMap(\.markers)).sorted(), trim: trim)
    var names = FieldNames()
    var result = SchemaInference(
      schema: Schema(name: FieldNames.legal(name), format: format), recordCount: records.count)
    result.note(format)
    var rest = result.leaveOut(profiles)
    result.takeTimes(&rest)
    result.takeLabels(&rest, &names)
    result.takeFields(rest, &names)
    result.shareSpaces(rest)
    result.addTimeline()
    return result
  }

  /// The schema file with the reasons as comments.
  public var yaml: String {
    let head = [
      "A first schema, guessed from \(recordCount) records. Read it before you ingest:",
      "is the label the one to predict, are numbers that name something under ids, is a column known only later used?",
    ]
    let tail =
      leftOut.isEmpty ? [] : ["", "Left out:"] + leftOut.map { "  \($0.column.debugDescription): \($0.reason)" }
    return schema.yaml(head: head, notes: notes, tail: tail)
  }

  private mutating func note(_ format: RecordFormat) {
    if !format.missing.isEmpty { notes["format"] = "the missing markers are texts that were seen: are they?" }
  }
}

extension String {
  /// Without blanks around it.
  var withoutBlanksAround: String {
    guard first == " " || last == " " else { return self }
    let start = drop { $0 == " " }
    return String(start.prefix(start.count - start.reversed().prefix { $0 == " " }.count))
  }
}
