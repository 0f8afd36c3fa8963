-- Another index took its place. By itself, so that there is always one of the two.
DROP INDEX {online} IF EXISTS deployments_by_application;
