// Without any of this the page can still be read: it adds to what is there, and takes nothing away.
followTheme();

document.addEventListener('DOMContentLoaded', () => {
  offerThemes();
  followContents();
  followPlaces();
  document.querySelectorAll('.wide table').forEach(makeSortable);
  makeFilterable([...document.querySelectorAll('.card')]);
  document.querySelectorAll('.explorer').forEach((place) => (place.id === 'explore-descent' ? experiment : explore)(place));
  document.querySelectorAll('figure').forEach(tellValues);
  hideTipOnLeaving();
  document.querySelectorAll('#fig-null-space').forEach(slideAlong);
});
