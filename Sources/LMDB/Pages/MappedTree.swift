/// The entries of a tree in the order of their keys, read from its pages: each page is looked at before it is followed,
/// and an entry costs less than a cursor asks for it.
///
/// Valid, with what it gives out, as long as its transaction is open.
public struct MappedTree {
  public typealias Entry = Cursor.Entry

  private let pages: PageSource
  private let record: TreeRecord
  private let path: String

  init(_ pages: PageSource, _ record: TreeRecord, path: String) {
    (self.pages, self.record, self.path) = (pages, record, path)
  }

  /// Calls `body` with the entries from the first whose key is not below `key`, until it returns false.
  public func forEach(from key: UnsafeRawBufferPointer, _ body: (Entry) throws(LMDBError) -> Bool) throws(LMDBError) {
    guard record.root != TreeRecord.noPage else { return }
    // A damaged page that leads back to one above it must come to an end.
    var pagesLeft = Int(clamping: record.branchPages &+ record.leafPages)
    _ = try visit(record.root, level: 1, from: key, &pagesLeft, body)
  }

  private func visit(
    _ number: UInt64, level: Int, from key: UnsafeRawBufferPointer?, _ pagesLeft: inout Int,
    _ body: (Entry) throws(LMDBError) -> Bool
  ) throws(LMDBError) -> Bool {
    pagesLeft -= 1
    guard pagesLeft >= 0, level <= PageWalk.depthMax, let page = pages.page(number, level: level),
      page.isLeaf == (level == record.depth)
    else { throw damaged(number) }
    guard let first = key.map({ page.place(of: $0) }) ?? 0 else { throw damaged(number) }
    for index in first..<page.count {
      guard let node = page.node(index) else { throw damaged(number) }
      guard page.isLeaf else {
        // Behind the first child all keys are above the one that is looked for.
        let from = index == first ? key : nil
        guard try visit(node.child, level: level + 1, from: from, &pagesLeft, body) else { return false }
        continue
      }
      guard let value = node.isElsewhere ? pages.value(node.firstPage, node.valueBytes) : node.value else {
        throw damaged(number)
      }
      guard try body((node.key, value)) else { return false }
    }
    return true
  }

  private func damaged(_ page: UInt64) -> LMDBError {
    LMDBError(.damaged("page \(page) does not lead to entries"), call: "read", path: path)
  }
}
