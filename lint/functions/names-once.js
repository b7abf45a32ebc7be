// Each parameter of an operation has a name of its own, whatever place it stands in.
export default (parameters) => {
  const places = new Map();
  const found = [];
  for (const { name, in: place } of parameters) {
    const before = places.get(name);
    if (before !== undefined && before !== place) {
      found.push({ message: `"${name}" stands in ${before} and in ${place}; name one of them otherwise` });
    }
    places.set(name, place);
  }
  return found;
};
