import LoamKernels
import LoamSchema

/// A validated block of events as it lies in the store's map.
struct EventBlockView {
  let content: UnsafeRawPointer

  @inline(__always)
  init(_ content: UnsafeRawPointer) { self.content = content }

  @inline(__always)
  var events: Int { Int(content.loadUnaligned(fromByteOffset: 0, as: UInt32.self)) }
  @inline(__always)
  var entities: Int { Int(content.loadUnaligned(fromByteOffset: 4, as: UInt32.self)) }
  @inline(__always)
  var fields: Int { Int(content.loadUnaligned(fromByteOffset: 8, as: UInt32.self)) - EventBlockEncoding.ownColumns }

  @inline(__always)
  private func column(_ index: Int) -> PackedColumn {
    PackedColumn(
      content, descriptor: EventBlockEncoding.headerBytes &+ index &* PackedColumn.descriptorBytes)
  }
  @inline(__always) var entityIDs: PackedColumn { column(0) }
  @inline(__always) var firsts: PackedColumn { column(1) }
  @inline(__always) var times: PackedColumn { column(2) }
  @inline(__always) var delays: PackedColumn { column(3) }
  @inline(__always) var arrivals: PackedColumn { column(4) }
  /// Of a field that the block has.
  @inline(__always) func field(_ index: Int) -> PackedColumn { column(EventBlockEncoding.ownColumns &+ index) }

  func hash(_ entity: Int) -> UInt64 { loam_mix64(entityIDs[entity]) }

  /// Which entity of the block has this hash; `nil`: none.
  func entity(hash: UInt64) -> Int? {
    let ids = entityIDs
    var (low, high) = (0, entities)
    while high &- low > 1 {
      let middle = (low &+ high) &>> 1
      if loam_mix64(ids[middle]) <= hash { low = middle } else { high = middle }
    }
    return loam_mix64(ids[low]) == hash ? low : nil
  }

  /// The positions of an entity's events.
  @inline(__always)
  func range(_ entity: Int) -> Range<Int> {
    let firsts = firsts
    let first = Int(truncatingIfNeeded: firsts[entity])
    return first..<(entity &+ 1 == entities ? events : Int(truncatingIfNeeded: firsts[entity &+ 1]))
  }

  /// The first position of the range, which is in order of time, that is not before the time.
  func firstPosition(_ range: Range<Int>, notBefore time: Timestamp) -> Int {
    let times = times
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low &+ high) &>> 1
      if Timestamp(bitPattern: times[middle]) < time { low = middle &+ 1 } else { high = middle }
    }
    return low
  }
}

extension EventBlock {
  init(_ view: EventBlockView) {
    let (events, entities) = (view.events, view.entities)
    self.init(fields: 0)
    self.entities.reserveCapacity(events)
    for entity in 0..<entities {
      self.entities.append(contentsOf: repeatElement(view.entityIDs[entity], count: view.range(entity).count))
    }
    let (times, delays) = (view.times, view.delays)
    self.times = (0..<events).map { Timestamp(bitPattern: times[$0]) }
    knownAts = (0..<events).map { Timestamp(bitPattern: times[$0] &+ delays[$0]) }
    let arrivals = view.arrivals
    self.arrivals = (0..<events).map { arrivals[$0] }
    for field in 0..<view.fields {
      let column = view.field(field)
      fields.append((0..<events).map { column[$0] })
    }
  }
}
