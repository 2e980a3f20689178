import LMDB

extension Store {
  /// Begins a write on tables, which are made or given more columns where the catalog has less than asked.
  ///
  /// Throws `tableBusy` where somebody alive holds one of them.
  public func begin(_ tables: [TableSpec]) throws(StoreError) -> Write {
    try begin(tables, bases: [])
  }

  /// - Parameter extra: versions kept besides latest until the write ends; they must be kept now.
  func begin(_ tables: [TableSpec], bases extra: [UInt64]) throws(StoreError) -> Write {
    let owner = try requireWritable()
    for table in tables where !table.name.isValid {
      throw StoreError(
        .badName, "\(table.name) is no name for a table",
        hint: "Use 1 to 128 letters, digits, '_', '.', '-' without a leading dot; an embedding table is MODEL/TABLE.")
    }
    try recoverLeases(of: tables.map(\.name))
    typealias Begun = (stamp: Stamp, base: UInt64, specs: [TableSpec])
    let begun = try catalog.write { transaction throws(LMDBError) -> Result<Begun, StoreError> in
      for table in tables {
        guard let stamp = try transaction.get(table.name.description, in: catalog.leases) else { continue }
        let holder = try transaction.get(stamp, in: catalog.writes)
        return .failure(Store.busy(table.name, holder))
      }
      for version in extra where try transaction.get(version, in: catalog.versions) == nil {
        return .failure(StoreError(.versionDropped, "version \(version) is not kept any more"))
      }
      var specs: [TableSpec] = []
      for table in tables {
        switch try register(table, transaction) {
        case .success(let spec): specs.append(spec)
        case .failure(let error): return .failure(error)
        }
      }
      let stamp = try transaction.take("nextStamp", catalog)
      let latest = try transaction.number("latest", catalog)
      let names = tables.map(\.name.description)
      try transaction.put(
        WriteEntry(
          owner: owner.token, kind: .write, tables: names, bases: [latest] + extra, floors: [:], abandoned: false),
        at: stamp, in: catalog.writes)
      for name in names { try transaction.put(stamp, at: name, in: catalog.leases) }
      return .success((stamp: stamp, base: latest, specs: specs))
    }
    FailurePoint.reach("begin.committed")
    do throws(StoreError) {
      let base = try Snapshot(self, .number(begun.base))
      return Write(self, stamp: begun.stamp, base: base, specs: begun.specs)
    } catch {
      try? markAbandoned(begun.stamp)
      try? clean(begun.stamp)
      throw error
    }
  }

  private static func busy(_ table: TableName, _ holder: WriteEntry?) -> StoreError {
    let process = holder?.owner.split(separator: "-").first.map(String.init) ?? "?"
    return StoreError(
      .tableBusy, "\(table) is being written by process \(process)",
      hint: "Wait until it has finished and repeat; a writer that hangs must be killed, then its lease is free.")
  }

  /// Columns below this number belong to the table's kind.
  static let firstUserColumn: UInt16 = 16

  /// The catalog's spec for a table, made or widened to hold what is asked for.
  private func register(_ asked: TableSpec, _ transaction: borrowing WriteTransaction)
    throws(LMDBError) -> Result<TableSpec, StoreError>
  {
    let known = try transaction.get(asked.name.description, in: catalog.tables)
    var spec = known ?? TableSpec(asked.name, attributes: asked.attributes)
    if known == nil { spec.number = UInt32(try transaction.take("nextTable", catalog)) }
    for (key, value) in asked.attributes { spec.attributes[key] = value }
    if let known, let error = asked.missingField(of: known) { return .failure(error) }
    for column in asked.columns {
      guard column.isValid else {
        return .failure(
          StoreError(
            .notAllowed,
            "\(asked.name) column \(column.name): \(column.width) elements, \(column.blockPages) pages a block",
            hint: "A row has 1 to \(ColumnSpec.widthMax) elements, a block 1 to \(ColumnSpec.blockPagesMax) pages."))
      }
      if let found = spec.columns.first(where: { $0.name == column.name }) {
        guard column.type == found.type, column.width == found.width else {
          return .failure(
            StoreError(
              .mismatch,
              "\(asked.name) has column \(column.name) of \(found.width) x \(found.type), not \(column.width) x \(column.type)",
              hint: "Give the model another name, or keep the column's shape."))
        }
      } else {
        var new = column
        new.number = max(Store.firstUserColumn, (spec.columns.map(\.number).max() ?? 0) + 1)
        spec.columns.append(new)
      }
    }
    if spec != known { try transaction.put(spec, at: asked.name.description, in: catalog.tables) }
    return .success(spec)
  }
}
