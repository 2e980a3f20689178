extension SchemaInference {
  /// Whether the first record of a file names the columns, judged by the records after it.
  ///
  /// It does where its texts are all different and none is a number, and one of them stands over a column of numbers
  /// or no text of it comes again below.
  public static func isHeader(_ first: [String], before records: [[String]]) -> Bool {
    let texts = first.map(\.withoutBlanksAround)
    // One column without a name is the row number that data frames write.
    guard texts.count(where: \.isEmpty) <= 1, Set(texts).count == texts.count, texts.allSatisfy({ Double($0) == nil })
    else { return false }
    var comesAgain = false
    for index in texts.indices {
      let below = records.lazy.compactMap { index < $0.count ? $0[index].withoutBlanksAround : nil }.filter {
        !$0.isEmpty
      }
      if !texts[index].isEmpty, below.contains(texts[index]) { comesAgain = true }
      if !below.isEmpty, below.allSatisfy({ Double($0) != nil }) { return true }
    }
    return !comesAgain
  }
}
