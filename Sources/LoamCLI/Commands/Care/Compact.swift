import ArgumentParser
import LoamStore

struct Compact: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give back to the disk what the files hold for nothing. Nobody else may have the store open.",
    discussion: "Needs room for a copy of the largest file.")

  @OptionGroup var path: StoreArgument
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> StoreCompacted {
    let progress = console.progress("compact", unit: "files")
    let report = try Store.compact(at: path.store) { progress.next($0) }
    progress.clear()
    return StoreCompacted(store: path.store, report)
  }
}

struct StoreCompacted: Report {
  var store: String
  var bytesBefore: Int
  var bytesAfter: Int
  var blocksCollected: Int
  var files: [CompactionReport.File]
  var isAnswer: Bool { false }

  init(store: String, _ report: CompactionReport) {
    self.store = store
    files = report.files
    bytesBefore = files.reduce(0) { $0 + $1.bytesBefore }
    bytesAfter = files.reduce(0) { $0 + $1.bytesAfter }
    blocksCollected = report.blocksCollected
  }

  var page: Page {
    var page = Page(
      .title("\(store) went from \(Quantity.bytes(bytesBefore)) to \(Quantity.bytes(bytesAfter))"),
      .line("\(Quantity.count(blocksCollected, "block")) of no kept version removed first"))
    var table = Table(.text("file"), .number("before"), .number("after"))
    for file in files { table.add(file.name, Quantity.bytes(file.bytesBefore), Quantity.bytes(file.bytesAfter)) }
    page.add(.table(table))
    return page
  }
}
