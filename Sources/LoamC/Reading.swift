import CLoam
import LoamQuery
import LoamSchema
import LoamStore

@_cdecl("loam_read_ids")
public func readIDs(
  _ table: UInt64, _ ids: UnsafeMutablePointer<UInt64>?, _ capacity: UInt64,
  _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let table = try Handles.table(table)
    try table.ids(into: try Arguments.output(ids, capacity, expected: table.rowCount, "ids"))
  }
}

@_cdecl("loam_find_ids")
public func findIDs(
  _ table: UInt64, _ ids: UnsafePointer<UInt64>?, _ count: UInt64, _ found: UnsafeMutablePointer<UInt8>?,
  _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let ids = try Arguments.input(ids, count, "ids")
    try Handles.table(table).find(ids, into: try Arguments.output(found, count, expected: ids.count, "found"))
  }
}

@_cdecl("loam_read_rows")
public func readRows(
  _ table: UInt64, _ column: UnsafePointer<CChar>?, _ ids: UnsafePointer<UInt64>?, _ count: UInt64, _ absent: Int32,
  _ threads: Int32, _ out: UnsafeMutablePointer<Float>?, _ values: UInt64, _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let table = try Handles.table(table)
    let column = try table.realColumn(try Arguments.text(column, "column"))
    let ids = try Arguments.input(ids, count, "ids")
    let rows = try Arguments.output(out, values, expected: ids.count * table.columns[column].width, "out")
    try table.rows(
      ids, column: column, absent: try Arguments.absent(absent), threads: try Arguments.threads(threads), into: rows)
  }
}

@_cdecl("loam_read_tables")
public func readTables(
  _ requests: UnsafePointer<loam_request>?, _ count: UInt64, _ absent: Int32, _ threads: Int32,
  _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let asked = try Arguments.input(requests, count, "requests").map { try TableRequest($0) }
    let (absent, threads) = (try Arguments.absent(absent), try Arguments.threads(threads))
    // Tables of one version share their memory accesses; those of packs, and of other versions, come one by one.
    let stored = asked.compactMap { request in (request.table as? OpenStoreTable).map { (table: $0, request) } }
    guard let snapshot = stored.first?.table.snapshot, stored.count == asked.count,
      stored.allSatisfy({ $0.table.snapshot === snapshot })
    else {
      for request in asked {
        try request.table.rows(
          request.ids, column: request.column, absent: absent, threads: threads, into: request.values)
      }
      return
    }
    try snapshot.lookup(
      try stored.map { table, request in
        try table.request(request.ids, column: request.column, absent: absent, into: request.values)
      }, threads: threads)
    for (table, request) in stored {
      try table.settle(request.ids, column: request.column, absent: absent, threads: threads, request.values)
    }
  }
}

/// A `loam_request` whose pointers were compared with what they must be.
private struct TableRequest {
  let table: any OpenTable
  let column: Int
  let ids: UnsafeBufferPointer<ID>
  let values: UnsafeMutableBufferPointer<Float>

  init(_ request: loam_request) throws {
    table = try Handles.table(request.table)
    column = try table.realColumn(try Arguments.text(request.column, "column"))
    ids = try Arguments.input(request.ids, request.count, "ids")
    values = try Arguments.output(
      request.out, request.values, expected: ids.count * table.columns[column].width, "out of table \(table.name)")
  }
}

@_cdecl("loam_read_bags")
public func readBags(
  _ table: UInt64, _ column: UnsafePointer<CChar>?, _ ids: UnsafePointer<UInt64>?, _ count: UInt64,
  _ offsets: UnsafePointer<UInt32>?, _ bags: UInt64, _ pooling: Int32, _ absent: Int32, _ threads: Int32,
  _ out: UnsafeMutablePointer<Float>?, _ values: UInt64, _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let table = try Handles.table(table)
    let column = try table.realColumn(try Arguments.text(column, "column"))
    let ids = try Arguments.input(ids, count, "ids")
    let offsets = try Arguments.offsets(offsets, bags: bags, ids: ids.count)
    let rows = try Arguments.output(
      out, values, expected: (offsets.count - 1) * table.columns[column].width, "out")
    try table.bags(
      ids, offsets, try Arguments.pooling(pooling), column: column, absent: try Arguments.absent(absent),
      threads: try Arguments.threads(threads), into: rows)
  }
}

@_cdecl("loam_read_counts")
public func readCounts(
  _ table: UInt64, _ log: UnsafePointer<CChar>?, _ ids: UnsafePointer<UInt64>?, _ count: UInt64,
  _ counts: UnsafeMutablePointer<UInt64>?, _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let ids = try Arguments.input(ids, count, "ids")
    let counts = try Arguments.output(counts, count, expected: ids.count, "counts")
    let opened = try Handles.table(table)
    guard let table = opened as? OpenStoreTable else {
      throw APIError(.badArgument, "table \(opened.name) is of a pack, which counts nothing")
    }
    try table.counts(ids, log: try log.map { try Arguments.text($0, "log") }, into: counts)
  }
}

@_cdecl("loam_read_timeline")
public func readTimeline(
  _ timeline: UInt64, _ entity: UInt64, _ before: Int64, _ knownBy: Int64, _ limit: UInt64,
  _ times: UnsafeMutablePointer<Int64>?, _ knownAts: UnsafeMutablePointer<Int64>?,
  _ values: UnsafeMutablePointer<UInt64>?, _ count: UnsafeMutablePointer<UInt64>?,
  _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let timeline = try Handles.timeline(timeline)
    let fields = timeline.reader.fields.count
    let length = try Arguments.count(limit, "limit")
    guard let count else { throw APIError(.badArgument, "count is NULL") }
    let columns = OpenTimeline.Columns(
      times: try Arguments.output(times, limit, expected: length, "times"),
      knownAts: try Arguments.output(knownAts, limit, expected: length, "known_at"),
      values: try Arguments.output(values, limit * UInt64(fields), expected: length * fields, "values"))
    count.pointee = UInt64(
      try timeline.read(entity, before: before, knownBy: knownBy, limit: length, into: columns))
  }
}

@_cdecl("loam_answer_view")
public func answerView(
  _ view: UInt64, _ ids: UnsafePointer<UInt64>?, _ times: UnsafePointer<Int64>?, _ knownBy: UnsafePointer<Int64>?,
  _ count: UInt64, _ threads: Int32, _ out: UnsafeMutableRawPointer?, _ bytes: UInt64,
  _ error: UnsafeMutablePointer<loam_error>?
) -> Int32 {
  answering(error) {
    let reader = try Handles.view(view)
    let fields = reader.view.ids.count
    let requests = try Arguments.count(count, "count")
    let ids = try Arguments.input(ids, count * UInt64(fields), "ids")
    let times = Array(try Arguments.input(times, count, "times"))
    let known = try knownBy.map { Array(try Arguments.input($0, count, "known_by")) }
    let rows = try Arguments.output(
      out?.assumingMemoryBound(to: UInt8.self), bytes, expected: requests * reader.layout.rowBytes, "out")
    try reader.fill(
      ViewRequests(
        ids: (0..<fields).map { Array(ids[$0 * requests..<($0 + 1) * requests]) }, times: times, knownBy: known),
      into: UnsafeMutableRawBufferPointer(rows), threads: try Arguments.threads(threads))
  }
}
