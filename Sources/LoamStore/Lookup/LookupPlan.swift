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

  init(_ requests: UnsafeBufferPointer<LookupRequest>) {
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
  func run(_ requests: UnsafeBufferPointer<LookupRequest>) throws(StoreError) {
    switch self {
    case .part(let request, let units): try requests[request].run(units)
    case .bundle(let range): try LookupBundle.run(UnsafeBufferPointer(rebasing: requests[range]))
    }
  }
}
