extension StoreSizes {
  var page: Page {
    var page = Page(.title("\(store): \(Quantity.count(versions, "version")), latest \(latest)"))
    page.facts(
      ("store ID", storeID), ("format", "\(format)"), ("shards", "\(shards)"),
      ("on disk", Quantity.bytes(files.reduce(0) { $0 + $1.bytes })),
      ("for older versions", Quantity.bytes(tables.reduce(0) { $0 + $1.older.bytes })),
      ("garbage", Quantity.bytes(tables.reduce(0) { $0 + $1.garbage.bytes })),
      ("free pages", Quantity.bytes(files.reduce(0) { $0 + $1.freeBytes })))
    page.add(.title("Tables of version \(version)"))
    page.add(.table(tableOfTables))
    page.add(.title("Files"))
    page.add(.table(tableOfFiles))
    if !writers.isEmpty {
      page.add(.title("Writers"))
      var table = Table(.text("process"), .text("does"), .text("tables"), .text("lives"))
      for writer in writers {
        table.add(writer.process, writer.kind, writer.tables.joined(separator: " "), writer.isAlive ? "yes" : "no")
      }
      page.add(.table(table))
    }
    return page
  }

  private var tableOfTables: Table {
    var table = Table(
      .text("table"), .number("rows"), .number("blocks"), .number("size"), .number("since"), .number("older"),
      .number("garbage"), .text("columns"))
    for entry in tables {
      let columns =
        entry.columns.count > 3 ? entry.columns.prefix(3) + ["and \(entry.columns.count - 3) more"] : entry.columns[...]
      table.add(
        entry.table, Quantity.count(entry.rows), Quantity.count(entry.blocks), Quantity.bytes(entry.bytes),
        "\(entry.version)", Quantity.bytes(entry.older.bytes), Quantity.bytes(entry.garbage.bytes),
        columns.joined(separator: " "))
    }
    return table
  }

  private var tableOfFiles: Table {
    var table = Table(
      .text("file"), .number("size"), .number("map"), .number("used"), .number("free"), .number("pending"),
      .number("readers"))
    for file in files {
      table.add(
        file.path, Quantity.bytes(file.bytes), Quantity.bytes(file.mapBytes),
        Quantity.percent(Double(file.bytes) / Double(max(file.mapBytes, 1))), Quantity.bytes(file.freeBytes),
        Quantity.count(file.pending), "\(file.readers)")
    }
    return table
  }
}
