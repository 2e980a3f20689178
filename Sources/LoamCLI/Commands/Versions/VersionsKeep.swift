import ArgumentParser
import LoamQuery
import LoamStore

struct VersionsKeep: LoamCommand {
  static let configuration = CommandConfiguration(
    commandName: "keep", abstract: "Say how many versions are kept without a name, and for how long.",
    discussion: """
      A version is kept while one of the two keeps it; those with a tag or an alias are kept anyway. Without options the \
      store's setting is shown. Ages are looked at by each commit and by 'loam versions collect'.
      """)

  @OptionGroup var path: StoreArgument
  @Option(help: "The newest N versions, at least 2.")
  var last: Int?
  @Option(
    name: .customLong("for"),
    help: "Each version that was the latest at some moment of this span: 90m, 7d; 'none' keeps none for its age.")
  var span: String?
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if let last, last < 2 { throw ValidationError("--last must be at least 2, found \(last)") }
    if let span, seconds(span) == nil {
      throw ValidationError("--for must be a span of at least 1s, or 'none', found '\(span)'. \(SpanText.hint)")
    }
  }

  private func seconds(_ span: String) -> Int? {
    if span == "none" { return 0 }
    guard let microseconds = SpanText.microseconds(span), microseconds >= 1_000_000 else { return nil }
    return Int(microseconds / 1_000_000)
  }

  func answer(_ console: Console) throws -> VersionsKept {
    let store = try path.open(for: last == nil && span == nil ? .read : .write)
    let before = try store.versions().count
    var policy = try store.retention()
    if last != nil || span != nil {
      policy = RetentionPolicy(
        keepLast: last ?? policy.keepLast, keepSeconds: span.flatMap(seconds) ?? policy.keepSeconds)
      try store.setRetention(policy)
    }
    let kept = try store.versions().count
    return VersionsKept(
      keepLast: policy.keepLast, keepSeconds: policy.keepSeconds, versions: kept, dropped: max(0, before - kept))
  }
}

struct VersionsKept: Report {
  var keepLast: Int
  var keepSeconds: Int
  /// All that are kept now.
  var versions: Int
  /// By the new setting.
  var dropped: Int
  var isAnswer: Bool { false }

  var page: Page {
    Page(
      .title(RetentionText.of(RetentionPolicy(keepLast: keepLast, keepSeconds: keepSeconds))),
      .line("\(Quantity.count(versions, "version")) now, \(dropped) dropped"))
  }
}

enum RetentionText {
  /// `the last 10 are kept, and those of 7d`
  static func of(_ policy: RetentionPolicy) -> String {
    let last = "the last \(policy.keepLast) are kept"
    return policy.keepSeconds == 0
      ? last : last + ", and those of \(SpanText.text(Int64(policy.keepSeconds) * 1_000_000))"
  }
}
