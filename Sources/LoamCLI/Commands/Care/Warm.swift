import ArgumentParser
import LoamStore

struct Warm: LoamCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the shards into the page cache in large pages: lookups by random ID are faster after it.",
    discussion: """
      For a process that serves, before it starts: what another process has mapped stays as it is. Others may read and \
      write meanwhile.
      """)

  @OptionGroup var path: StoreArgument
  @OptionGroup var output: OutputOptions

  func answer(_ console: Console) throws -> StoreWarmed {
    let progress = console.progress("warm", unit: "files")
    let report = try Store.warm(at: path.store) { progress.next($0) }
    progress.clear()
    return StoreWarmed(store: path.store, report, seconds: progress.secondsElapsed)
  }
}

struct StoreWarmed: Report {
  var store: String
  var bytes: Int
  var bytesBefore: Int
  var bytesInHugePages: Int
  var files: [WarmReport.File]
  var seconds: Double
  var isAnswer: Bool { false }

  init(store: String, _ report: WarmReport, seconds: Double) {
    self.store = store
    files = report.files
    bytes = files.reduce(0) { $0 + $1.bytes }
    bytesBefore = files.reduce(0) { $0 + $1.bytesBefore }
    bytesInHugePages = files.reduce(0) { $0 + $1.bytesInHugePages }
    self.seconds = seconds
  }

  var page: Page {
    let share = Quantity.percent(bytes == 0 ? 0 : Double(bytesInHugePages) / Double(bytes), 0)
    var page = Page(
      .title("\(Quantity.bytes(bytes)) of \(store) are in the page cache, \(share) in pages of 2 MiB"),
      .line("\(Quantity.bytes(bytesBefore)) were before; took \(Quantity.seconds(seconds))"))
    var table = Table(.text("file"), .number("size"), .number("before"), .number("in 2 MiB"))
    for file in files {
      table.add(
        file.name, Quantity.bytes(file.bytes), Quantity.bytes(file.bytesBefore), Quantity.bytes(file.bytesInHugePages))
    }
    page.add(.table(table))
    return page
  }
}
