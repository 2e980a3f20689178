import LoamSchema
import LoamStore

/// The requests in the order in which the store keeps their entities, so that neighbours read the same blocks.
enum RequestOrder {
  private static let bits = 11
  private static let passes = 3

  /// Positions sorted by the first 33 bits of the entity's place; equal ones stay in their order.
  static func sorted(_ ids: [ID]) -> [UInt32] {
    let shift = UInt64(64 - passes * bits)
    var keys = ids.map { TimelineReader.storeOrder(of: $0) &>> shift }
    var order = ids.indices.map { UInt32($0) }
    var (nextKeys, nextOrder) = (keys, order)
    for pass in 0..<passes {
      let digit = UInt64(pass * bits)
      var starts = [Int](repeating: 0, count: 1 << bits + 1)
      for key in keys { starts[Int((key &>> digit) & (1 << UInt64(bits) - 1)) + 1] += 1 }
      for index in 1...1 << bits { starts[index] += starts[index - 1] }
      for position in keys.indices {
        let bucket = Int((keys[position] &>> digit) & (1 << UInt64(bits) - 1))
        nextKeys[starts[bucket]] = keys[position]
        nextOrder[starts[bucket]] = order[position]
        starts[bucket] += 1
      }
      swap(&keys, &nextKeys)
      swap(&order, &nextOrder)
    }
    return order
  }
}
