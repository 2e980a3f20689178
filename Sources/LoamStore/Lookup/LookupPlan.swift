/// The pieces of a lookup over several requests, in their order.
///
/// ```
///   request   0 ░░░░░░░░░░░░░░░░░░░░░░  1 ░  2 ░░  3 ░  4 ░░░░░░░░░
///   piece       part   part   part       bundle          part  part
/// ```
///
/// A bundle is a run of requests that fit one group: the far memory accesses of all of them are under way at once, as
/// those of one table's IDs are. Which thread takes a piece changes nothing of what it writes.
struct LookupPlan {
  enum Piece {
    case part(request: Int, units: Range<Int>)
    case bundle(requests: Range<Int>)
  }

  /// Of a part: some 0.2 ms, many times what it takes to wake a thread.
  static let keysMax = 4_096

  private(set) var pieces: [Piece] = []

  init(_ requests: [LookupRequest]) {
    var number = 0
    while number < requests.count {
      let first = number
      var keys = 0
      while number < requests.count, keys + requests[number].keyCount <= LookupGroup.count {
        keys += requests[number].keyCount
        number += 1
      }
      if number > first + 1 {
        pieces.append(.bundle(requests: first..<number))
        continue
      }
      number = first + 1
      var unit = 0
      while unit < requests[first].unitCount {
        let units = requests[first].piece(from: unit, keysMax: Self.keysMax)
        pieces.append(.part(request: first, units: units))
        unit = units.upperBound
      }
    }
  }
}

extension LookupPlan.Piece {
  func run(_ requests: [LookupRequest]) throws(StoreError) {
    switch self {
    case .part(let request, let units): try requests[request].run(units)
    case .bundle(let range): try Self.run(requests[range])
    }
  }

  /// Each step for all requests before the next one.
  private static func run(_ requests: ArraySlice<LookupRequest>) throws(StoreError) {
    var group = LookupGroup(strideMax: requests.map { $0.reader.spec.columns[$0.column].stride }.max() ?? 0)
    var place = 0
    for request in requests {
      if case .ids(let ids) = request.keys, let start = ids.baseAddress {
        try request.reader.fetchLines(start, count: ids.count, at: place, group)
      }
      place += request.keyCount
    }
    place = 0
    for request in requests {
      try request.locate(at: place, &group)
      place += request.keyCount
    }
    place = 0
    for request in requests {
      if let output = request.output {
        request.begin(0..<request.unitCount)
        request.emit(output, 0, request.keyCount, group.rows + place)
        request.end(0..<request.unitCount)
      }
      place += request.keyCount
    }
  }
}

extension LookupRequest {
  /// Addresses of all rows, from place `at` of the group on.
  fileprivate func locate(at place: Int, _ group: inout LookupGroup) throws(StoreError) {
    let absent = absent ?? reader.arrays.zeros
    switch keys {
    case .ids(let ids):
      guard let start = ids.baseAddress else { return }
      try reader.match(start, count: ids.count, at: place, into: group.references + place, group)
      try reader.locate(
        group.references + place, count: ids.count, column: column, absent: absent, at: place, &group)
    case .rows(let rows):
      guard let start = rows.baseAddress else { return }
      reader.requireOwn(rows)
      try reader.locate(start, count: rows.count, column: column, absent: absent, at: place, &group)
    }
  }
}
