import Glibc

/// Follows every pointer between a data file's pages, without the library that trusts them.
///
/// liblmdb takes page numbers, offsets and sizes as they lie in the file: damage in them ends in a crash or in another
/// page's bytes. The walk finds each page to be of its kind, in range, in one place, its keys in order and between those
/// of its parent, its trees as large as their records say, and no page at once used and free.
///
/// The pages are those of one transaction, which the caller keeps open: no writer uses them for something else meanwhile.
struct PageWalk {
  let pages: PageSource
  let meta: MetaPages.Meta
  let scope: Environment.PageScope
  private(set) var problems: [String] = []
  private let reached: PageSet

  private static let problemsMax = 16
  static let depthMax = 32
  static let keyBytesMax = 511

  /// What does not hold, in words; empty: the file's pages are sound. At most 16.
  ///
  /// - Parameter map: where the map begins, asked for when the list of databases is known to be sound; `nil`: pages are
  ///   read one by one.
  static func problems(
    descriptor: Int32, _ meta: MetaPages.Meta, _ scope: Environment.PageScope, map: () -> UnsafeRawPointer?
  ) -> [String] {
    let pages = PageSource(descriptor: descriptor, pageSize: meta.pageSize)
    var walk = PageWalk(pages: pages, meta: meta, scope: scope)
    walk.run(map)
    return walk.problems
  }

  private init(pages: PageSource, meta: MetaPages.Meta, scope: Environment.PageScope) {
    (self.pages, self.meta, self.scope) = (pages, meta, scope)
    reached = PageSet(last: meta.lastPage)
  }

  private mutating func run(_ map: () -> UnsafeRawPointer?) {
    var main = TreeWalk(name: "main", record: meta.main, mayHoldTrees: true)
    visit(&main)
    // What is looked at before every use is read as it will be used; what is looked at for good, as the disk has it.
    if case .keys = scope, problems.isEmpty { pages.map = map() }
    for (name, record) in main.trees.sorted(by: { $0.name < $1.name }) {
      guard record.flags == 0 else {
        add("database \(name) has flags \(record.flags), which Loam does not write")
        continue
      }
      var tree = TreeWalk(name: name, record: record)
      visit(&tree)
    }
    // Last, so that a page that is used and free is said to be on the list.
    var free = TreeWalk(name: "free list", record: meta.freeList, isFreeList: true)
    visit(&free)
  }

  mutating func add(_ problem: String) { if problems.count < Self.problemsMax { problems.append(problem) } }

  private mutating func visit(_ tree: inout TreeWalk) {
    let record = tree.record
    guard record.root != TreeRecord.noPage else {
      if record.entries != 0 { add("\(tree.name): \(record.entries) entries and no page") }
      return
    }
    guard (1...Self.depthMax).contains(record.depth) else { return add("\(tree.name): a depth of \(record.depth)") }
    if case .keys(let leavesMax, let unread) = scope {
      tree.skipsLeaves = (record.leafPages > leavesMax || unread.contains(tree.name)) && record.depth > 1
    }
    let before = problems.count
    visit(record.root, level: 1, from: nil, to: nil, &tree)
    guard problems.count == before else { return }
    let isWhole = tree.skipsLeaves || (tree.entries == record.entries && tree.leafPages == record.leafPages)
    if !isWhole || tree.branchPages != record.branchPages {
      add(
        "\(tree.name): \(tree.branchPages) branch pages, \(tree.leafPages) leaves and \(tree.entries) entries, but its "
          + "record says \(record.branchPages), \(record.leafPages) and \(record.entries)")
    }
  }

  private mutating func visit(
    _ number: UInt64, level: Int, from: UnsafeRawBufferPointer?, to: UnsafeRawBufferPointer?, _ tree: inout TreeWalk
  ) {
    guard problems.count < Self.problemsMax, take(number, 1, tree.name) else { return }
    let isLeaf = level == tree.record.depth
    if isLeaf && tree.skipsLeaves {
      tree.leafPages += 1
      return
    }
    guard let page = pages.page(number, level: level), page.isLeaf == isLeaf else {
      return add("\(tree.name): page \(number) is no \(isLeaf ? "leaf" : "branch")")
    }
    guard page.count >= (isLeaf || tree.isFreeList ? 1 : 2) else {
      return add("\(tree.name): page \(number) has \(page.count) entries")
    }
    guard tree.isInOrder(page, from: from, to: to) else {
      return add("\(tree.name): the keys of page \(number) are not in order")
    }
    guard !isLeaf else { return visitLeaf(page, number, &tree) }
    tree.branchPages += 1
    for index in 0..<page.count {
      let low = index == 0 ? from : page[index].key
      let high = index + 1 < page.count ? page[index + 1].key : to
      visit(page[index].child, level: level + 1, from: low, to: high, &tree)
    }
  }

  private mutating func visitLeaf(_ page: TreePage, _ number: UInt64, _ tree: inout TreeWalk) {
    tree.leafPages += 1
    tree.entries += UInt64(page.count)
    for index in 0..<page.count {
      let node = page[index]
      switch node.flags {
      case 0:
        if tree.isFreeList { free(FreeList.pages(of: node.value)) }
      case TreePage.Node.elsewhere:
        let first = node.firstPage
        guard visitValue(first, bytes: node.valueBytes, tree.name), tree.isFreeList else { continue }
        let value = pages.bytes(first, TreePage.headerBytes, node.valueBytes)
        free(value?.withUnsafeBytes { FreeList.pages(of: $0) })
      case TreePage.Node.record where tree.mayHoldTrees && node.valueBytes == TreeRecord.bytes:
        tree.trees.append((String(decoding: node.key, as: UTF8.self), TreeRecord(node.value, at: 0)))
      default: add("\(tree.name): page \(number) has an entry of no known kind")
      }
    }
  }

  /// The pages of a value: as many as it needs or, rewritten shorter, more.
  private mutating func visitValue(_ first: UInt64, bytes: Int, _ name: String) -> Bool {
    var count = (TreePage.headerBytes + bytes + meta.pageSize - 1) / meta.pageSize
    if case .everything = scope {
      let header = pages.bytes(first, 0, TreePage.headerBytes)
      let found = header.flatMap { Self.pages(ofValueAt: first, header: $0) }
      guard let found, found >= count else {
        add("\(name): page \(first) is no value of \(bytes) bytes")
        return false
      }
      count = found
    }
    return take(first, count, name)
  }

  private static func pages(ofValueAt number: UInt64, header: [UInt8]) -> Int? {
    header.withUnsafeBytes { raw in
      guard raw.loadUnaligned(as: UInt64.self) == number,
        raw.loadUnaligned(fromByteOffset: 10, as: UInt16.self) == TreePage.overflow
      else { return nil }
      return Int(raw.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
    }
  }

  private mutating func free(_ pages: [UInt64]?) {
    guard let pages else { return add("free list: an entry is no list of pages") }
    for page in pages {
      guard take(page, 1, "free list") else { return }
    }
  }

  /// Marks pages as reached; says so where they are out of range or were reached before.
  @inline(__always)
  private mutating func take(_ first: UInt64, _ count: Int, _ name: String) -> Bool {
    guard first >= 2, first <= meta.lastPage, UInt64(count) <= meta.lastPage - first + 1 else {
      add("\(name): page \(first) and \(count - 1) more are not in the file, whose last page is \(meta.lastPage)")
      return false
    }
    if let page = reached.insert(Int(first), count) {
      add("\(name): page \(page) is in use twice")
      return false
    }
    return true
  }
}
