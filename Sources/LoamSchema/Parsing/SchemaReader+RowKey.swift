extension SchemaReader {
  /// `row_key: request_id`, or `row_key: [user, item, time]`: columns of the file, be they fields or not.
  func readRowKey() throws(SchemaError) -> [String] {
    guard let value = top.value("row_key") else { return [] }
    guard format.kind.isDelimited || format.kind == .jsonl else {
      throw value.refused("has no meaning for \(format.kind.rawValue), whose records are pairs without names")
    }
    let values = value.isScalar ? [value] : try value.list()
    var columns: [String] = []
    for value in values {
      let column = try column(value)
      guard !columns.contains(column) else {
        throw value.refused("names the column '\(column)' a second time", .duplicateName)
      }
      columns.append(column)
    }
    guard !columns.isEmpty else { throw value.refused("must name at least one column") }
    return columns
  }
}
