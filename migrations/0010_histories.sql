-- A history of an application in one environment, or of one of its versions, is found by its index, without
-- reading each deployment of the application to see where it went.

-- What a start that was broken off may have left.
DROP INDEX {online} IF EXISTS deployments_of_application;
CREATE INDEX {online} deployments_of_application
    ON deployments (organization_id, application_id, id, environment_id, version_id);
