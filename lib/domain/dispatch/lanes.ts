/** How many parcels a lane carries a day. Fixed for a day when its first slot is asked for. */
const usual = 500;

/** Lanes that differ. The island's mail plane takes one parcel. XXX-FUL is never free: for trying out a refusal. */
const slots: Readonly<Record<string, number>> = { 'BER-HEL': 1, 'XXX-FUL': 0 };

export const slotsOf = (laneId: string): number => slots[laneId] ?? usual;
