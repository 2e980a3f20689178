import LoamSchema
import Testing

@testable import LoamStore

extension StoreModel {
  /// One random operation, compared with what the reference says it must do.
  func operate() throws {
    let operation = Operation.random(below(Operation.weights))
    operations["\(operation)", default: 0] += 1
    switch operation {
    case .change: try change()
    case .flush: try writes[below(2)]?.flush()
    case .publish: try publish()
    case .abandon: abandon()
    case .tag: try tag()
    case .alias: try alias()
    case .unname: try unname()
    case .revert: try revert()
    case .dropNewer: try dropNewer()
    case .collect: try collect()
    case .fold: try fold()
    case .hold: try hold()
    case .snapshot: try snapshot()
    case .retention:
      versions.keepLast = 2 + below(8)
      try store.setRetention(RetentionPolicy(keepLast: versions.keepLast))
      versions.retain(bases)
    case .reopen:
      try reopen()
      try expectSame("reopened", others: 2)
    case .kill:
      try killAndReopen()
      try expectSame("opened after a kill", others: 2)
    }
  }

  private enum Operation: CaseIterable {
    case change, flush, publish, abandon, tag, alias, unname, revert, dropNewer, collect, fold, hold, snapshot
    case retention, reopen, kill

    private var weight: Int {
      switch self {
      case .change: 1_500
      case .publish: 40
      case .flush: 15
      case .snapshot: 10
      case .abandon, .tag, .alias, .unname, .hold: 8
      case .collect: 6
      case .revert, .dropNewer, .retention, .fold: 4
      case .reopen, .kill: 2
      }
    }

    static let weights = allCases.reduce(0) { $0 + $1.weight }

    static func random(_ number: Int) -> Operation {
      var left = number
      for operation in allCases {
        left -= operation.weight
        if left < 0 { return operation }
      }
      return .change
    }
  }

  private func change() throws {
    let group = below(2)
    if writes[group] == nil {
      // None, some or nearly all of what the tables hold is put early.
      let bytesMax = [Int.max, 300_000, 60_000][below(3)]
      writes[group] = try ModelWrite(
        store, ModelTables.groups[group], versions.content, bytesMax: bytesMax)
      #expect(writes[group]!.write.base.record.version == versions.latest)
      #expect(try refusal { _ = try store.begin([ModelTables.specs[ModelTables.groups[group][0]]!]) } == .tableBusy)
    }
    try change(writes[group]!)
  }

  private func publish() throws {
    let group = below(2)
    guard let write = writes[group] else { return }
    let goOn = below(2) == 0
    let tag = below(6) == 0 ? "t\(below(12))" : nil
    if let tag, versions.names[tag] != nil {
      #expect(try refusal { _ = try write.publish(PublishOptions(tags: [tag])) } == .exists)
      return
    }
    // Others have published meanwhile: their tables are in ours.
    var content = versions.content
    for table in write.tables { content.take(table, from: write.content) }
    let record = try write.publish(PublishOptions(note: "model", tags: tag.map { [$0] } ?? [], goOn: goOn))
    #expect(record.version > versions.highestEver, "a version number is given once")
    if let tag { versions.names[tag] = record.version }
    if goOn { write.content = content } else { writes[group] = nil }
    versions.publish(record, content, bases: bases)
    try expectSame("published")
  }

  private func abandon() {
    let group = below(2)
    guard let write = writes[group] else { return }
    write.write.abandon()
    writes[group] = nil
    versions.retain(bases)
  }

  private func tag() throws {
    let (name, version) = ("t\(below(12))", anyVersion())
    let taken = versions.names[name].map { $0 != version } ?? false
    #expect(try refusal { try store.tag(.number(version), as: name) } == (taken ? .exists : nil))
    if !taken { versions.names[name] = version }
    versions.retain(bases)
    #expect(try refusal { try store.tag(.number(versions.highestEver + 1), as: name) } == .unknownVersion)
  }

  private func alias() throws {
    let (name, version) = ("a\(below(3))", anyVersion())
    try store.setAlias(name, to: .number(version))
    versions.names[name] = version
    versions.retain(bases)
  }

  private func unname() throws {
    let names = versions.names.keys.sorted()
    guard !names.isEmpty else { return }
    let name = names[below(names.count)]
    if name.hasPrefix("t") { try store.untag(name) } else { try store.removeAlias(name) }
    versions.names[name] = nil
    versions.retain(bases)
  }

  private func leased(_ tables: Set<String>) -> Bool {
    writes.contains { $0?.tables.contains { tables.contains($0.description) } ?? false }
  }

  private func revert() throws {
    let version = anyVersion()
    let differing = versions.differing(version, versions.latest)
    if leased(differing) {
      #expect(try refusal { _ = try store.revert(to: .number(version)) } == .tableBusy)
      return
    }
    let record = try store.revert(to: .number(version))
    #expect(record.root == (try store.snapshot(at: .number(version)).record.root))
    versions.publish(record, versions.kept[version]!.content, bases: bases)
    try expectSame("reverted to \(version)")
  }

  private func dropNewer() throws {
    let version = anyVersion()
    let refused: StoreError.Reason? =
      if versions.names.values.contains(where: { $0 > version }) {
        .notAllowed
      } else if bases.contains(where: { $0 > version }) || leased(versions.differing(version, versions.latest)) {
        .tableBusy
      } else { nil }
    #expect(try refusal { _ = try store.dropNewer(than: .number(version)) } == refused)
    guard refused == nil else { return }
    versions.kept = versions.kept.filter { $0.key <= version }
    versions.latest = version
    versions.retain(bases)
    try expectSame("dropped what is newer than \(version)", others: 2)
  }

  private func collect() throws {
    try store.collect()
    try expectSame("collected", others: 2)
    if writes.allSatisfy({ $0 == nil }), holds.isEmpty { #expect(try store.checkProtocol(quiet: true) == []) }
  }

  /// No version comes or goes, and none shows anything else.
  private func fold() throws {
    try store.fold(.number(anyVersion()))
    try expectSame("folded", others: 3)
  }

  private func hold() throws {
    if let hold = holds.popLast() {
      try store.endHold(hold.stamp)
      versions.retain(bases)
    } else {
      let version = anyVersion()
      holds.append((try store.hold([version]), [version]))
    }
  }

  /// A snapshot shows its version however long it is open and whatever happens to the version.
  private func snapshot() throws {
    if snapshots.count > 1 {
      let (snapshot, content) = snapshots.removeFirst()
      try content.expectEqual(snapshot, "an old snapshot of version \(snapshot.record.version), seed \(seed)")
    }
    let version = anyVersion()
    snapshots.append((try store.snapshot(at: .number(version)), versions.kept[version]!.content))
  }
}
